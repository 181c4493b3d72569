"""Charts: one drawing for pages, PDFs and mails, made on the server as SVG.

`sketches` turns plain values into the option of a chart (pure), `engine` turns an option into SVG (ECharts inside
Python), `drawing` joins them: what a template needs to show one chart, in two widths, with what can be followed on it.
The words of this room are sketch, spot (a place on a chart that leads somewhere) and drawing.
"""
