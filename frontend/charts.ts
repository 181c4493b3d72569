// Draws the charts of pages and PDFs. It runs on the server, inside Python (app/web/charts/engine.py), and in no browser:
// `drawChart(option, width, height)` takes an ECharts option as JSON and gives the SVG as JSON.
import { CustomChart, BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkLineComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, BarChart, ScatterChart, CustomChart, GridComponent, MarkLineComponent, SVGRenderer]);

const THICKNESS = 8;

// A function cannot stand in JSON: an option names one of these. Data of "interval" are [place, low, high].
const DRAWINGS: Record<string, unknown> = {
  interval(_params: unknown, api: any) {
    const [x, top] = api.coord([api.value(0), api.value(2)]);
    const bottom = api.coord([api.value(0), api.value(1)])[1];
    const shape = { x: x - THICKNESS / 2, y: top, width: THICKNESS, height: Math.max(bottom - top, 1), r: THICKNESS / 2 };
    return { type: "rect", shape, style: { fill: api.visual("color") } };
  },
};

function drawChart(optionAsJson: string, width: number, height: number): string {
  const option = JSON.parse(optionAsJson);
  for (const series of option.series) {
    if (series.renderItem) series.renderItem = DRAWINGS[series.renderItem];
  }
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...option });
    return JSON.stringify(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

Object.assign(globalThis, { drawChart });
