import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

export type ChartOption = EChartsCoreOption;

/** Draws a chart into an element and follows its size; returns what updates it and what ends it. */
export function draw(place: HTMLElement): { show: (option: ChartOption) => void; end: () => void } {
  const chart = init(place, null, { renderer: "canvas" });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(place);
  return {
    show: (option) => chart.setOption(option, { notMerge: true }),
    end: () => {
      watch.disconnect();
      chart.dispose();
    },
  };
}
