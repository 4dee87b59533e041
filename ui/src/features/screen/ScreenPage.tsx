import { CaretRightOutlined, CloseOutlined, FullscreenOutlined, PauseOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { api } from "../../api";
import type { Board } from "../../api/types";
import { useLabels } from "../../app/catalogue";
import { useConnected, useLive } from "../../app/live/useLive";
import { useSession, useZone } from "../../app/session";
import { PALETTES } from "../../app/theme";
import { absolute, count, percent } from "../../ui/format";
import { FlowPanel, useFlowSentence } from "../board/FlowPanel";
import { ForecastPanel } from "../board/ForecastPanel";
import { StepsPanel } from "../board/StepsPanel";
import { heat, heatSteps, TILES } from "../board/tiles";
import { yuan } from "../board/yuan";
import "../board/board.css";
import "./screen.css";

const PAGES = ["now", "where", "when"] as const;
const TURN_MS = 20_000;
const DESK_WIDTH = 1920;
const COLOURS = Object.fromEntries(
  Object.entries(PALETTES.dark).map(([name, value]) => [`--qd-${name}`, value]),
) as CSSProperties;

/** How much larger than on a 1920 wide wall everything is drawn. */
function useScale(): number {
  const [width, setWidth] = useState(window.innerWidth);
  useEffect(() => {
    const follow = () => setWidth(window.innerWidth);
    window.addEventListener("resize", follow);
    return () => window.removeEventListener("resize", follow);
  }, []);
  return Math.max(0.6, width / DESK_WIDTH);
}

function useClock(): Date {
  const [now, setNow] = useState(new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Big({ label, value, tone = "" }: { label: string; value: string; tone?: string }) {
  return (
    <div className="qd-big">
      <span>{label}</span>
      <b className={`qd-num ${tone}`}>{value}</b>
    </div>
  );
}

function Now({ board, scale }: { board: Board; scale: number }) {
  const { t } = useTranslation();
  const sentence = useFlowSentence(board.flow);
  const risk = board.pulse?.risk;
  const red = (n: number) => (n > 0 ? "qd-red" : "");
  return (
    <div className="qd-wall-now">
      <div className="qd-wall-first">
        <Big label={t("board.backlog")} value={count(board.backlog)} />
        <Big label={t("board.overdue")} value={count(board.overdue.count)} tone={red(board.overdue.count)} />
        <Big label={t("board.due2")} value={count(board.due.h2)} tone={board.due.h2 > 0 ? "qd-amber" : ""} />
        <Big
          label={t("board.rate")}
          value={board.release_rate === null ? "—" : percent(Math.round(board.release_rate * 10_000), 10_000)}
        />
      </div>
      <div className="qd-wall-second">
        <Big label={t("board.late")} value={count(board.late)} tone={red(board.late)} />
        <Big label={t("board.due12")} value={count(board.due.h12)} />
        <Big
          label={`${t("board.risk")} · ${t("board.riskNow")}`}
          value={risk ? yuan(risk.now_fen) : "—"}
          tone={red(risk?.now_fen ?? 0)}
        />
        <Big
          label={t("board.riskDay")}
          value={risk ? `+${yuan(risk.day_fen)}` : "—"}
          tone={risk && risk.day_fen > 0 ? "qd-amber" : ""}
        />
      </div>
      <section className="qd-wall-chart">
        <h2>
          {t("board.flow")} <span>{sentence}</span>
        </h2>
        <FlowPanel flow={board.flow} scale={scale * 1.7} />
      </section>
    </div>
  );
}

function Ranked({ title, rows }: { title: string; rows: { id: string; label: string; count: number }[] }) {
  const most = Math.max(1, ...rows.map((row) => row.count));
  return (
    <section className="qd-wall-ranked">
      <h2>{title}</h2>
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <span>{row.label}</span>
            <i aria-hidden>
              <i style={{ width: `${(row.count / most) * 100}%` }} />
            </i>
            <b className="qd-num">{count(row.count)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Where({ board }: { board: Board }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const rows = (tallies: Board["by_reason"], say: (id: string) => string, most: number) =>
    tallies
      .flatMap((one) => (one.id ? [{ id: one.id, label: say(one.id), count: one.count }] : []))
      .sort((a, b) => b.count - a.count)
      .slice(0, most);
  return (
    <div className="qd-wall-where">
      <section className="qd-wall-steps">
        <h2>{t("board.steps")}</h2>
        {board.pulse ? <StepsPanel steps={board.pulse.steps} link={false} /> : <p>{t("board.pulseNone")}</p>}
      </section>
      <Ranked title={t("board.reasons")} rows={rows(board.by_reason, labels.reason, 7)} />
      <Ranked
        title={t("board.channels")}
        rows={rows(board.by_channel, (id) => labels.value("channel", id), 7)}
      />
    </div>
  );
}

function When({ board, scale }: { board: Board; scale: number }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const counts = new Map(board.by_province.map((tally) => [tally.id, tally.count]));
  const steps = heatSteps(
    Math.max(0, ...board.by_province.filter((tally) => tally.id).map((tally) => tally.count)),
  );
  return (
    <div className="qd-wall-when">
      <section className="qd-wall-chart">
        <h2>{t("board.forecast")}</h2>
        <ForecastPanel forecast={board.forecast} scale={scale * 1.7} />
      </section>
      <section>
        <h2>{t("board.regions")}</h2>
        <ul className="qd-tiles" aria-label={t("board.regions")}>
          {Object.entries(TILES).map(([id, [column, row]]) => {
            const n = counts.get(id) ?? 0;
            return (
              <li key={id} style={{ gridColumn: column + 1, gridRow: row + 1 }}>
                <span className={`qd-tile qd-heat-${heat(n, steps)}`}>
                  <span>{labels.value("province", id)}</span>
                  <b>{count(n)}</b>
                </span>
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}

/** The board on a wall: dark, to be read from five metres, turning its pages by itself, without personal data. */
export function ScreenPage() {
  const { t } = useTranslation();
  const session = useSession();
  const zone = useZone();
  const navigate = useNavigate();
  const connected = useConnected();
  const scale = useScale();
  const clock = useClock();
  const [params] = useSearchParams();
  const fixed = (PAGES as readonly (string | null)[]).indexOf(params.get("page"));
  const [place, setPlace] = useState(Math.max(0, fixed));
  const [playing, setPlaying] = useState(fixed < 0);
  const known = Boolean(session.data?.user);
  useLive(known);
  const board = useQuery({
    queryKey: ["board"],
    queryFn: ({ signal }) => api.board(signal),
    enabled: known,
    refetchInterval: connected ? false : 30_000,
  });
  useEffect(() => {
    document.title = `${t("screen.title")} · ${t("product.name")}`;
  }, [t]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page that was turned by hand stays as long as any other
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => setPlace((now) => (now + 1) % PAGES.length), TURN_MS);
    return () => clearTimeout(timer);
  }, [playing, place]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.code === "ArrowRight") setPlace((now) => (now + 1) % PAGES.length);
      else if (event.code === "ArrowLeft") setPlace((now) => (now + PAGES.length - 1) % PAGES.length);
      else if (event.code === "KeyP") setPlaying((now) => !now);
      else if (event.code === "KeyF") void document.documentElement.requestFullscreen?.();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  const style = useMemo(() => ({ ...COLOURS, fontSize: `${16 * scale}px` }), [scale]);
  if (session.data && !session.data.user) return <Navigate to="/login?next=%2Fscreen" replace />;
  const page = PAGES[place] ?? "now";
  const at = absolute(clock.toISOString(), zone);
  return (
    <div className="qd-wall" style={style} data-theme="dark">
      <header>
        <span className="qd-wall-seal" aria-hidden>
          {t("product.sealTop")}
          {t("product.sealBottom")}
        </span>
        <h1>{session.data?.user?.merchant.name}</h1>
        <span className="qd-wall-title">{t(`screen.${page}`)}</span>
        <span className={`qd-wall-live ${connected ? "" : "qd-red"}`} role="status">
          <i aria-hidden />
          {t(connected ? "screen.live" : "screen.stale")}
        </span>
        <time className="qd-num">
          {at.slice(5, 10)} <b>{at.slice(11, 19)}</b>
        </time>
      </header>
      <main key={page}>
        {board.data && page === "now" && <Now board={board.data} scale={scale} />}
        {board.data && page === "where" && <Where board={board.data} />}
        {board.data && page === "when" && <When board={board.data} scale={scale} />}
      </main>
      <footer>
        {PAGES.map((name, index) => (
          <button
            key={name}
            type="button"
            className="qd-wall-dot"
            aria-label={t("screen.page", { n: index + 1 })}
            aria-current={index === place}
            onClick={() => setPlace(index)}
          >
            <i key={`${place}${playing}`} data-run={playing && index === place} />
          </button>
        ))}
        <span className="qd-wall-tools">
          <button
            type="button"
            onClick={() => setPlaying(!playing)}
            title={t(playing ? "screen.pause" : "screen.play")}
          >
            {playing ? <PauseOutlined aria-hidden /> : <CaretRightOutlined aria-hidden />}
            <span className="qd-visually-hidden">{t(playing ? "screen.pause" : "screen.play")}</span>
          </button>
          <button
            type="button"
            onClick={() => void document.documentElement.requestFullscreen?.()}
            title={t("screen.full")}
          >
            <FullscreenOutlined aria-hidden />
            <span className="qd-visually-hidden">{t("screen.full")}</span>
          </button>
          <button type="button" onClick={() => navigate("/board")} title={t("screen.leave")}>
            <CloseOutlined aria-hidden />
            <span className="qd-visually-hidden">{t("screen.leave")}</span>
          </button>
        </span>
      </footer>
    </div>
  );
}
