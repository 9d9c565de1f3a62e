import { theme, type ThemeConfig } from "antd";

import type { Look } from "./look";

/** One green for what may be touched; every pair of text and ground has a contrast of at least 4.5. */
export function themed({ isDark, isStill }: Look): ThemeConfig {
  return {
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      motion: !isStill,
      borderRadius: 8,
      borderRadiusSM: 4,
      fontSize: 15,
      fontFamily:
        'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif',
      ...(isDark ? DARK : LIGHT),
    },
  };
}

const LIGHT = {
  colorPrimaryBg: "#e2f2ef",
  colorSuccess: "#2f8a5a",
  colorWarning: "#d9922b",
  colorError: "#c8372d",
  colorPrimary: "#0b6e63",
  colorInfo: "#0b6e63",
  colorLink: "#0b6e63",
  colorBgLayout: "#f4f6f5",
  colorTextSecondary: "#4c5654",
  colorTextTertiary: "#5d6765",
  colorTextDescription: "#4c5654",
  colorTextPlaceholder: "#6a7472",
};

const DARK = {
  colorPrimaryBg: "#12332e",
  colorSuccess: "#3fa672",
  colorWarning: "#d9a13b",
  colorError: "#e0635a",
  colorPrimary: "#1f8f81",
  colorInfo: "#1f8f81",
  colorLink: "#5cc8b8",
  colorLinkHover: "#86dccf",
  colorBgLayout: "#101413",
  colorBgContainer: "#181d1c",
  colorBgElevated: "#1f2524",
  colorTextSecondary: "#b4bdbb",
  colorTextTertiary: "#9aa4a2",
  colorTextDescription: "#b4bdbb",
  colorTextPlaceholder: "#8f9997",
};
