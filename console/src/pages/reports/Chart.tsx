import { BarChart, CustomChart, type BarSeriesOption, type CustomSeriesOption } from "echarts/charts";
import { GridComponent, TooltipComponent, type GridComponentOption, type TooltipComponentOption } from "echarts/components";
import { init, use as bring, type ComposeOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef, type ReactNode } from "react";

bring([BarChart, CustomChart, GridComponent, TooltipComponent, SVGRenderer]);

type Option = ComposeOption<BarSeriesOption | CustomSeriesOption | GridComponentOption | TooltipComponentOption>;

export interface Point {
  name: string;
  share: number;
  low: number;
  high: number;
  /** What is said beside the pointer. */
  told: string;
}

interface Props {
  /** What it shows, for those who do not see it; they have the table beside it. */
  label: string;
  title: string;
  points: readonly Point[];
  percent: (share: number) => string;
}

/** Shares as bars, each with its interval as an upright line. */
export default function Chart({ label, title, points, percent }: Props): ReactNode {
  const ground = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = ground.current;
    if (at === null) return undefined;
    const chart = init(at, null, { renderer: "svg" });
    const draw = (): void => chart.setOption(drawn(at, points, percent), true);
    draw();
    const sized = new ResizeObserver(() => chart.resize());
    sized.observe(at);
    const looked = new MutationObserver(draw);
    looked.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      sized.disconnect();
      looked.disconnect();
      chart.dispose();
    };
  }, [points, percent]);
  return (
    <figure className="charted">
      <figcaption aria-hidden="true">{title}</figcaption>
      <div ref={ground} className="chart" role="img" aria-label={label} />
    </figure>
  );
}

function drawn(at: HTMLElement, points: readonly Point[], percent: (share: number) => string): Option {
  const style = getComputedStyle(at);
  const colour = (name: string): string => style.getPropertyValue(`--ant-color-${name}`).trim();
  const words = { color: colour("text-secondary"), fontFamily: style.fontFamily, fontSize: 13 };
  const whisker = { stroke: colour("text"), lineWidth: 1.5 };
  return {
    animation: false,
    color: [`${colour("primary")}80`], // half seen through, so that the lines are seen upon it
    grid: { left: 8, right: 8, top: 16, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      renderMode: "richText",
      confine: true,
      formatter: (found) => {
        const index = Array.isArray(found) ? found[0]?.dataIndex : found.dataIndex;
        const point = index === undefined ? undefined : points[index];
        return point === undefined ? "" : `${point.name}\n${point.told}`;
      },
      backgroundColor: colour("bg-elevated"),
      borderColor: colour("border"),
      textStyle: { color: colour("text"), fontFamily: style.fontFamily, fontSize: 13 },
    },
    xAxis: {
      type: "category",
      data: points.map((one) => one.name),
      axisLabel: { ...words, hideOverlap: true, width: 110, overflow: "truncate" },
      axisLine: { lineStyle: { color: colour("border") } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      max: 1,
      axisLabel: { ...words, formatter: (share: number) => percent(share) },
      splitLine: { lineStyle: { color: colour("border-secondary") } },
    },
    series: [
      { type: "bar", data: points.map((one) => one.share), barMaxWidth: 34 },
      {
        type: "custom",
        silent: true,
        encode: { x: 0, y: [1, 2] },
        data: points.map((one, index) => [index, one.low, one.high]),
        renderItem: (_params, api) => {
          const [x = 0, low = 0] = api.coord([api.value(0), api.value(1)]);
          const [, high = 0] = api.coord([api.value(0), api.value(2)]);
          const line = (x1: number, y1: number, x2: number, y2: number) =>
            ({ type: "line", shape: { x1, y1, x2, y2 }, style: whisker }) as const;
          return {
            type: "group",
            children: [line(x, low, x, high), line(x - 5, low, x + 5, low), line(x - 5, high, x + 5, high)],
          };
        },
        z: 5,
      },
    ],
  };
}
