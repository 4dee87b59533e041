import { Skeleton } from "antd";
import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";
import { StudioHome } from "./StudioHome";
import "./policy.css";
import "./studio.css";

const DraftPage = lazy(() => import("./DraftPage"));

/** The policy studio: what is live, and what is being written. */
export function PolicyPage() {
  return (
    <Suspense fallback={<Skeleton active />}>
      <Routes>
        <Route index element={<StudioHome />} />
        <Route path="drafts/:id/*" element={<DraftPage />} />
        <Route path="*" element={<Navigate to="/policy" replace />} />
      </Routes>
    </Suspense>
  );
}
