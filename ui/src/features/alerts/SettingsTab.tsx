import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { Problem } from "../../ui/Problem";
import { alerts } from "./api";
import { Outlets } from "./Outlets";
import { ReachTable } from "./ReachTable";
import { RoutesTab } from "./RoutesTab";

/** Where alerts go: routes, outlets, and how colleagues are called. */
export function SettingsTab({ tab }: { tab: "routes" | "outlets" | "reach" }) {
  const found = useQuery({
    queryKey: ["alerts", "settings"],
    queryFn: ({ signal }) => alerts.settings(signal),
    refetchInterval: tab === "outlets" ? 10_000 : false,
  });
  if (found.isError) return <Problem error={found.error} retry={found.refetch} />;
  if (!found.data) return <Skeleton active />;
  if (tab === "routes") return <RoutesTab settings={found.data} />;
  if (tab === "reach") return <ReachTable rows={found.data.reach} />;
  return <Outlets settings={found.data} />;
}
