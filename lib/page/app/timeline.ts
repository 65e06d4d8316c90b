/**
 * A canvas whose horizontal axis is the time that the reader looks at. Dragging, the wheel and keys
 * zoom; fault bands are behind what is drawn.
 *
 * @module
 */

/// <reference lib="dom" />

import { niceStep } from "../series.ts";
import { h, seconds } from "./dom.ts";
import type { View } from "./view.ts";

/** The space for the names of lanes, in pixels. */
export const LABEL_WIDTH = 92;
const AXIS_HEIGHT = 22;

/** What a drawing uses. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Returns the horizontal place of a time. */
  x(ms: number): number;
  /** Returns a colour of the style sheet: `--bad`. */
  colour(name: string): string;
}

/** A drawing on a time axis. */
export interface Drawing {
  /** What it shows, for screen readers. */
  readonly label: string;
  height(): number;
  draw(pen: Pen): void;
  /** Returns a text for what is at a place, in pixels; undefined for nothing. */
  hint?(x: number, y: number, pen: Pen): string | undefined;
  click?(x: number, y: number, pen: Pen): void;
}

/** Makes a canvas that draws whenever the view changes. */
export function timeline(view: View, drawing: Drawing): HTMLElement {
  const canvas = h("canvas", {
    tabindex: "0",
    role: "img",
    "aria-label": drawing.label,
  }) as HTMLCanvasElement;
  const tip = h("div", { class: "tip", hidden: true, role: "status" });
  const root = h("div", { class: "chart" }, canvas, tip);
  const context = canvas.getContext("2d")!;
  let pen: Pen | undefined;
  let dragFromX: number | undefined;
  let dragToX = 0;

  const draw = () => {
    const width = canvas.clientWidth;
    const height = drawing.height() + AXIS_HEIGHT;
    if (width === 0) return;
    const ratio = devicePixelRatio;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(canvas);
    const colours = new Map<string, string>();
    const scale = (width - LABEL_WIDTH) / (view.toMs - view.fromMs);
    pen = {
      context,
      width,
      height: height - AXIS_HEIGHT,
      x: (ms) => LABEL_WIDTH + (ms - view.fromMs) * scale,
      colour(name) {
        const found = colours.get(name) ?? style.getPropertyValue(name);
        colours.set(name, found);
        return found;
      },
    };
    context.font = "12px system-ui, sans-serif";
    drawFaults(pen, view);
    context.save();
    drawing.draw(pen);
    context.restore();
    drawAxis(pen, view);
    if (dragFromX !== undefined) {
      context.globalAlpha = 0.2;
      context.fillStyle = pen.colour("--accent");
      context.fillRect(Math.min(dragFromX, dragToX), 0, Math.abs(dragToX - dragFromX), height);
      context.globalAlpha = 1;
    }
  };
  view.listen(draw);
  new ResizeObserver(draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  const timeAt = (x: number) =>
    view.fromMs +
    (x - LABEL_WIDTH) / (canvas.clientWidth - LABEL_WIDTH) * (view.toMs - view.fromMs);
  const place = (event: MouseEvent) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top] as const;
  };
  canvas.addEventListener("pointerdown", (event) => {
    [dragFromX] = place(event);
    dragToX = dragFromX;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    if (dragFromX !== undefined) {
      dragToX = x;
      draw();
    }
    const text = pen && drawing.hint?.(x, y, pen);
    tip.hidden = text === undefined;
    if (text === undefined) return;
    tip.textContent = text;
    tip.style.left = `${Math.min(x + 14, Math.max(0, canvas.clientWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(0, Math.min(y + 14, canvas.clientHeight - tip.offsetHeight))}px`;
  });
  canvas.addEventListener("pointerleave", () => tip.hidden = true);
  canvas.addEventListener("pointerup", (event) => {
    const [x, y] = place(event);
    const from = dragFromX ?? x;
    dragFromX = undefined;
    if (Math.abs(x - from) > 4) view.show(timeAt(Math.min(from, x)), timeAt(Math.max(from, x)));
    else {
      if (pen !== undefined) drawing.click?.(x, y, pen);
      draw();
    }
  });
  canvas.addEventListener("dblclick", () => view.showAll());
  canvas.addEventListener("wheel", (event) => {
    // Without focus the wheel scrolls the page, as a reader on the way past expects.
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    view.zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(place(event)[0]));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const span = view.toMs - view.fromMs;
    const middle = (view.fromMs + view.toMs) / 2;
    const step = { ArrowLeft: -span / 5, ArrowRight: span / 5 }[event.key];
    if (step !== undefined) view.show(view.fromMs + step, view.toMs + step);
    else if (event.key === "+" || event.key === "=") view.zoom(0.6, middle);
    else if (event.key === "-") view.zoom(1 / 0.6, middle);
    else if (event.key === "0") view.showAll();
    else return;
    event.preventDefault();
  });
  return root;
}

function drawFaults({ context, x, height, colour }: Pen, { run, fromMs, toMs }: View): void {
  let row = 0;
  for (const { name, startMs, endMs } of run.faults) {
    if (endMs < fromMs || startMs > toMs) continue;
    const left = Math.max(LABEL_WIDTH, x(startMs));
    context.globalAlpha = 0.13;
    context.fillStyle = colour("--fault");
    context.fillRect(left, 0, Math.max(1, x(endMs) - left), height);
    context.globalAlpha = 0.9;
    context.fillText(name, left + 3, height - 4 - 12 * (row++ % 3));
    context.globalAlpha = 1;
  }
}

function drawAxis({ context, x, width, height, colour }: Pen, { fromMs, toMs }: View): void {
  context.strokeStyle = colour("--line");
  context.fillStyle = colour("--dim");
  context.beginPath();
  context.moveTo(LABEL_WIDTH, height + 0.5);
  context.lineTo(width, height + 0.5);
  const step = niceStep((toMs - fromMs) / Math.max(2, (width - LABEL_WIDTH) / 110));
  for (let ms = Math.ceil(fromMs / step) * step; ms <= toMs; ms += step) {
    context.moveTo(x(ms), height);
    context.lineTo(x(ms), height + 4);
    context.fillText(
      step >= 100 ? `${+(ms / 1000).toFixed(1)} s` : seconds(ms),
      x(ms) + 2,
      height + 16,
    );
  }
  context.stroke();
}
