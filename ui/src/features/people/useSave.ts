import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useProblem } from "../../ui/Problem";

/** A change that shows its refusal and lets the screens read anew. */
export function useSave<In, Out>(run: (input: In) => Promise<Out>, done?: (out: Out) => void) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const problem = useProblem();
  return useMutation({
    mutationFn: run,
    onSuccess: async (out) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ["people"] }),
        client.invalidateQueries({ queryKey: ["alerts"] }),
      ]);
      done?.(out);
    },
    onError: (error) => {
      const said = problem(error);
      message.error(`${said.text} ${said.advice}`);
    },
  });
}
