import { type ThemeConfig, theme } from "antd";

export type Scheme = "light" | "dark";

/** Colours by meaning. Every text colour keeps at least 4.5:1 on the surfaces it stands on. */
const LIGHT = {
  ground: "#f4f5f3",
  surface: "#ffffff",
  sunken: "#f8f9f7",
  line: "#e1e5e1",
  "line-strong": "#868f8a",
  text: "#1b2421",
  "text-2": "#525d58",
  "text-3": "#646e69",
  rail: "#142420",
  "rail-text": "#b9c7c2",
  "rail-on": "#ffffff",
  "rail-hover": "#20352f",
  "rail-active": "#2a463e",
  seal: "#b23a2a",
  primary: "#0d6b60",
  "primary-soft": "#e3f1ee",
  red: "#b8271b",
  "red-soft": "#fdeeec",
  amber: "#875500",
  "amber-soft": "#fdf3de",
  green: "#1f7237",
  "green-soft": "#e7f4ea",
  blue: "#24599e",
  "blue-soft": "#e9f0fa",
  violet: "#693c9c",
  "violet-soft": "#f2ebfa",
  grey: "#5c6662",
  "grey-soft": "#eef0ee",
  "heat-0": "#eef1ef",
  "heat-1": "#cfe6e0",
  "heat-2": "#97cbbf",
  "heat-3": "#4b9f90",
  "heat-4": "#12695e",
  "heat-text-low": "#1b2421",
  "heat-text-3": "#0a1614",
  "heat-text-4": "#ffffff",
  "mark-unpaid": "#b3bab6",
  "mark-in_review": "#4a80c4",
  "mark-exception": "#cf4a3c",
  "mark-held": "#d39a2c",
  "mark-released": "#1d9485",
  "mark-sent": "#6e62bd",
  "mark-shipped": "#5aa469",
  "mark-cancelled": "#949c98",
  "mark-archived": "#c9ceca",
  shadow: "0 1px 2px rgb(20 36 32 / 5%)",
} as const;

const DARK: Record<keyof typeof LIGHT, string> = {
  ground: "#111514",
  surface: "#1a1f1e",
  sunken: "#161b1a",
  line: "#2e3634",
  "line-strong": "#7b8783",
  text: "#e4eae8",
  "text-2": "#abb6b2",
  "text-3": "#98a39f",
  rail: "#0c1110",
  "rail-text": "#a9b6b1",
  "rail-on": "#ffffff",
  "rail-hover": "#1a2522",
  "rail-active": "#22352f",
  seal: "#b23a2a",
  primary: "#56c3b4",
  "primary-soft": "#16332e",
  red: "#ff8d84",
  "red-soft": "#3b1b18",
  amber: "#e8b65a",
  "amber-soft": "#352a12",
  green: "#7bcf93",
  "green-soft": "#17301e",
  blue: "#8bb8f2",
  "blue-soft": "#182a42",
  violet: "#c5a6f0",
  "violet-soft": "#2c2140",
  grey: "#abb6b2",
  "grey-soft": "#262d2b",
  "heat-0": "#222928",
  "heat-1": "#1c3d37",
  "heat-2": "#1b584e",
  "heat-3": "#2b8375",
  "heat-4": "#6fd3c4",
  "heat-text-low": "#e4eae8",
  "heat-text-3": "#ffffff",
  "heat-text-4": "#071210",
  "mark-unpaid": "#59625f",
  "mark-in_review": "#6f9fdd",
  "mark-exception": "#ea7468",
  "mark-held": "#d9a844",
  "mark-released": "#3fb09f",
  "mark-sent": "#9187dd",
  "mark-shipped": "#6db47c",
  "mark-cancelled": "#78827e",
  "mark-archived": "#474f4c",
  shadow: "none",
};

export const PALETTES: Record<Scheme, Record<keyof typeof LIGHT, string>> = { light: LIGHT, dark: DARK };

/** Writes the palette as `--qd-…` properties, which our own style sheets read. */
export function paint(scheme: Scheme, root: HTMLElement): void {
  root.dataset.theme = scheme;
  root.style.colorScheme = scheme;
  for (const [name, value] of Object.entries(PALETTES[scheme])) root.style.setProperty(`--qd-${name}`, value);
}

export const FONT =
  'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** The same palette as Ant Design tokens. */
export function antTheme(scheme: Scheme): ThemeConfig {
  const p = PALETTES[scheme];
  const onPrimary = scheme === "light" ? "#ffffff" : "#06201c";
  return {
    algorithm: scheme === "light" ? theme.defaultAlgorithm : theme.darkAlgorithm,
    token: {
      colorPrimary: p.primary,
      colorInfo: p.blue,
      colorSuccess: p.green,
      colorWarning: p.amber,
      colorError: p.red,
      colorLink: p.primary,
      colorLinkHover: p.primary,
      colorLinkActive: p.primary,
      colorText: p.text,
      colorTextSecondary: p["text-2"],
      colorTextTertiary: p["text-3"],
      colorTextDescription: p["text-2"],
      colorTextPlaceholder: p["text-3"],
      colorBgLayout: p.ground,
      colorBgContainer: p.surface,
      colorBgElevated: scheme === "light" ? "#ffffff" : "#222827",
      colorBorder: scheme === "light" ? "#cdd3cf" : "#434d4a",
      colorBorderSecondary: p.line,
      colorSplit: p.line,
      borderRadius: 6,
      fontSize: 13,
      controlHeight: 32,
      fontFamily: FONT,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.18s",
    },
    components: {
      Button: { primaryColor: onPrimary, primaryShadow: "none", defaultShadow: "none", dangerShadow: "none" },
      Table: {
        headerBg: p.sunken,
        headerColor: p["text-2"],
        headerSplitColor: "transparent",
        rowHoverBg: p.sunken,
        rowSelectedBg: p["primary-soft"],
        rowSelectedHoverBg: p["primary-soft"],
        cellPaddingBlockSM: 7,
        cellPaddingInlineSM: 10,
      },
      Checkbox: { colorWhite: onPrimary },
      Segmented: { itemSelectedColor: p.primary },
      Tag: { defaultBg: p["grey-soft"], defaultColor: p["text-2"] },
      Progress: { defaultColor: p.primary },
      Drawer: { paddingLG: 20 },
      Select: { optionSelectedBg: p["primary-soft"] },
    },
  };
}
