import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useProblem } from "../../../ui/Problem";

const TOUCHED = ["rollouts", "publications", "applications", "policy", "drafts", "impact", "compare"];

/** Runs one step of publishing; what it changed is read anew, and what the server refused is said. */
export function usePublishing<A>(step: (argument: A) => Promise<unknown>, done?: string) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const problem = useProblem();
  return useMutation({
    mutationFn: step,
    onSuccess: async () => {
      if (done) message.success(done);
      await client.invalidateQueries({ predicate: ({ queryKey }) => TOUCHED.includes(String(queryKey[0])) });
    },
    onError: (error) => {
      const { text, advice } = problem(error);
      void message.error(`${text} ${advice}`);
    },
  });
}
