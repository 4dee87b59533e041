import { createBrowserRouter, Navigate } from "react-router";
import { Shell } from "./Shell";

const page = <K extends string>(load: () => Promise<Record<K, React.ComponentType>>, name: K) => ({
  lazy: async () => ({ Component: (await load())[name] }),
});

export const router = createBrowserRouter([
  { path: "/login", ...page(() => import("../features/login/LoginPage"), "LoginPage") },
  {
    path: "/",
    Component: Shell,
    children: [
      { index: true, element: <Navigate to="/board" replace /> },
      { path: "board", ...page(() => import("../features/board/BoardPage"), "BoardPage") },
      { path: "orders", ...page(() => import("../features/orders/OrdersPage"), "OrdersPage") },
      { path: "imports", ...page(() => import("../features/imports/ImportsPage"), "ImportsPage") },
      { path: "policy", ...page(() => import("../features/policy/PolicyPage"), "PolicyPage") },
      { path: "*", ...page(() => import("./NotFound"), "NotFound") },
    ],
  },
]);
