import { createBrowserRouter, Navigate } from "react-router";
import { RouteFailed } from "./ErrorBoundary";
import { Shell } from "./Shell";

const page = <K extends string>(load: () => Promise<Record<K, React.ComponentType>>, name: K) => ({
  lazy: async () => ({ Component: (await load())[name] }),
});

/** The first paint waits for its page: a flash of a placeholder is worse than a blank moment. */
const Nothing = () => null;

export const router = createBrowserRouter([
  {
    path: "/login",
    ErrorBoundary: RouteFailed,
    HydrateFallback: Nothing,
    ...page(() => import("../features/login/LoginPage"), "LoginPage"),
  },
  {
    path: "/screen",
    ErrorBoundary: RouteFailed,
    HydrateFallback: Nothing,
    ...page(() => import("../features/screen/ScreenPage"), "ScreenPage"),
  },
  {
    path: "/",
    Component: Shell,
    ErrorBoundary: RouteFailed,
    HydrateFallback: Nothing,
    children: [
      { index: true, element: <Navigate to="/board" replace /> },
      { path: "board", ...page(() => import("../features/board/BoardPage"), "BoardPage") },
      { path: "diagnosis", ...page(() => import("../features/diagnosis/DiagnosisPage"), "DiagnosisPage") },
      { path: "report", ...page(() => import("../features/report/ReportPage"), "ReportPage") },
      { path: "desk", ...page(() => import("../features/desk/DeskPage"), "DeskPage") },
      { path: "desk/play", ...page(() => import("../features/desk/PlayPage"), "PlayPage") },
      { path: "cases", ...page(() => import("../features/cases/CasesPage"), "CasesPage") },
      { path: "cases/sops", ...page(() => import("../features/cases/SopsPage"), "SopsPage") },
      { path: "orders", ...page(() => import("../features/orders/OrdersPage"), "OrdersPage") },
      { path: "campaigns", ...page(() => import("../features/campaigns/CampaignsPage"), "CampaignsPage") },
      {
        path: "campaigns/:campaign",
        ...page(() => import("../features/campaigns/CampaignPage"), "CampaignPage"),
      },
      {
        path: "campaigns/:campaign/stand-up",
        ...page(() => import("../features/campaigns/StandupPage"), "StandupPage"),
      },
      {
        path: "campaigns/:campaign/report",
        ...page(() => import("../features/campaigns/ReportPage"), "ReportPage"),
      },
      { path: "imports", ...page(() => import("../features/imports/ImportsPage"), "ImportsPage") },
      {
        path: "imports/:import/map/:file",
        ...page(() => import("../features/mapping/MappingPage"), "MappingPage"),
      },
      { path: "customers", ...page(() => import("../features/customers/CustomersPage"), "CustomersPage") },
      { path: "pushes", ...page(() => import("../features/fulfilment/PushesPage"), "PushesPage") },
      {
        path: "warehouses",
        ...page(() => import("../features/fulfilment/WarehousesPage"), "WarehousesPage"),
      },
      { path: "incidents", ...page(() => import("../features/oversight/IncidentsPage"), "IncidentsPage") },
      { path: "payments", ...page(() => import("../features/finance/PaymentsPage"), "PaymentsPage") },
      { path: "people", ...page(() => import("../features/people/PeoplePage"), "PeoplePage") },
      { path: "alerts", ...page(() => import("../features/alerts/AlertsPage"), "AlertsPage") },
      { path: "mappings", ...page(() => import("../features/mapping/SavedPage"), "SavedPage") },
      { path: "policy/*", ...page(() => import("../features/policy/PolicyPage"), "PolicyPage") },
      { path: "*", ...page(() => import("./NotFound"), "NotFound") },
    ],
  },
]);
