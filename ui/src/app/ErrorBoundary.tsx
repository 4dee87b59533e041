import { Button, Result } from "antd";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  children: ReactNode;
  /** When this changes (another page, say) the boundary tries again. */
  resetKey?: string;
}

function Failed({ retry }: { retry: () => void }) {
  const { t } = useTranslation();
  return (
    <Result
      status="error"
      title={t("error.boundaryTitle")}
      subTitle={t("error.boundaryText")}
      extra={
        <Button type="primary" onClick={retry}>
          {t("action.retry")}
        </Button>
      }
    />
  );
}

/** Stands in for a page that could not be loaded or drawn at all. */
export function RouteFailed() {
  return <Failed retry={() => window.location.reload()} />;
}

/** Keeps a fault in one panel from taking the page with it. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(previous: Props) {
    if (this.state.failed && previous.resetKey !== this.props.resetKey) this.setState({ failed: false });
  }

  override render() {
    if (this.state.failed) return <Failed retry={() => this.setState({ failed: false })} />;
    return this.props.children;
  }
}
