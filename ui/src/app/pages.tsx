import {
  AppstoreOutlined,
  DeploymentUnitOutlined,
  FolderOpenOutlined,
  ProfileOutlined,
  SafetyCertificateOutlined,
  SolutionOutlined,
  TeamOutlined,
  ThunderboltOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

export interface PageEntry {
  to: string;
  key: string;
  /** Right that the page asks for; everybody's without it. */
  needs?: string;
}

export interface PageGroup {
  key: string;
  icon: ReactNode;
  pages: readonly PageEntry[];
}

/** The pages by what people do there. A group of one page is that page itself. */
export const GROUPS: readonly PageGroup[] = [
  {
    key: "desk",
    icon: <ThunderboltOutlined aria-hidden />,
    pages: [{ to: "/desk", key: "desk", needs: "desk.work" }],
  },
  { key: "orders", icon: <ProfileOutlined aria-hidden />, pages: [{ to: "/orders", key: "orders" }] },
  {
    key: "cases",
    icon: <SolutionOutlined aria-hidden />,
    pages: [{ to: "/cases", key: "cases", needs: "cases.view" }],
  },
  {
    key: "board",
    icon: <AppstoreOutlined aria-hidden />,
    pages: [
      { to: "/board", key: "board" },
      { to: "/diagnosis", key: "diagnosis", needs: "diagnosis.view" },
      { to: "/incidents", key: "incidents" },
      { to: "/campaigns", key: "campaigns", needs: "campaigns.view" },
      { to: "/report", key: "report", needs: "diagnosis.view" },
      { to: "/screen", key: "screen" },
    ],
  },
  {
    key: "data",
    icon: <FolderOpenOutlined aria-hidden />,
    pages: [
      { to: "/imports", key: "imports" },
      { to: "/customers", key: "customers", needs: "customers.view" },
      { to: "/mappings", key: "mappings", needs: "mappings.edit" },
    ],
  },
  {
    key: "shipping",
    icon: <DeploymentUnitOutlined aria-hidden />,
    pages: [
      { to: "/pushes", key: "pushes" },
      { to: "/warehouses", key: "warehouses", needs: "warehouses.edit" },
      { to: "/payments", key: "payments", needs: "payments.view" },
    ],
  },
  {
    key: "policy",
    icon: <SafetyCertificateOutlined aria-hidden />,
    pages: [{ to: "/policy", key: "policy" }],
  },
  {
    key: "team",
    icon: <TeamOutlined aria-hidden />,
    pages: [
      { to: "/people", key: "people", needs: "teams.view" },
      { to: "/alerts", key: "alerts", needs: "alerts.view" },
      { to: "/cases/sops", key: "sops", needs: "cases.view" },
    ],
  },
];

/** The groups with the pages that a person may see. */
export function pagesFor(right: (name: string) => boolean): PageGroup[] {
  return GROUPS.map((group) => ({
    ...group,
    pages: group.pages.filter((page) => !page.needs || right(page.needs)),
  })).filter((group) => group.pages.length > 0);
}
