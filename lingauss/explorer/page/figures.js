// The figures on the screen: canvases, what the pointer reads off them, and how pointer and keys move the design.
const Figures = (() => {
  const { at } = Controls;
  const SCALE_HEIGHT = 34; // of a map's colours
  const drawn = new Map(); // view id → { figure, axes, keys, size }

  const box = (view) => at(`figure-${view.id}`);

  function draw(view, scene) {
    const frame = box(view);
    const lacking = view.lacking(scene.subject) ?? view.chosen?.(scene) ?? null;
    if (lacking !== null || frame.offsetParent === null) return;
    const size = drawn.get(view.id)?.size ?? measure(frame);
    const figure = view.figure(scene);
    const canvas = frame.firstElementChild;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    const pen = Pens.onCanvas(context);
    const colours = Palette.present();
    const top = figure.scale ? SCALE_HEIGHT : 0;
    if (figure.scale) Legend.drawScale(pen, figure.scale, { x: 62, y: 4, width: size.width - 130 }, colours, 12);
    const axes = Plot.draw(pen, figure, { x: 0, y: top, width: size.width, height: size.height - top }, colours);
    drawn.set(view.id, { figure, axes, size, keys: drawn.get(view.id)?.keys });
    keys(view, figure, colours);
  }

  const measure = (frame) => ({ width: frame.clientWidth, height: frame.clientHeight });

  // Names of layers as buttons that lead to their formulas, written anew only when they differ.
  function keys(view, figure, colours) {
    const entries = Legend.entries(figure);
    const now = JSON.stringify([
      colours.ground,
      entries.map(({ name, colour, face, dash, shape }) => [name, colour, face, dash, shape]),
    ]);
    const state = drawn.get(view.id);
    if (state.keys === now) return;
    state.keys = now;
    const { element } = Controls;
    at(`keys-${view.id}`).replaceChildren(
      ...entries.map((entry) => {
        const swatch = element("span", { "aria-hidden": "true" });
        swatch.innerHTML = Legend.asSvg(entry, colours);
        return element("button", { type: "button", class: "key", "data-formula": entry.formula }, swatch, entry.name);
      }),
    );
  }

  function resized(view) {
    drawn.delete(view.id);
  }

  // ---- reading and moving ----

  function install(view, page) {
    const frame = box(view);
    frame.addEventListener("pointermove", (event) => {
      if (event.buttons & 1 && view.moves && frame.hasPointerCapture(event.pointerId)) moveTo(view, event, page);
      read(view, event, page);
    });
    frame.addEventListener("pointerleave", () => say(view, ""));
    if (view.moves) {
      frame.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        frame.setPointerCapture(event.pointerId);
        moveTo(view, event, page);
      });
    }
    if (view.toggles) frame.addEventListener("click", (event) => toggleAt(view, event, page));
    if (view.moves || view.toggles) frame.addEventListener("keydown", (event) => press(view, event, page));
  }

  const within = (view, event) => {
    const { left, top } = box(view).getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  function moveTo(view, event, page) {
    const { axes } = drawn.get(view.id);
    const [x, y] = within(view, event);
    const clamp = (value, from, to) => Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
    const across = axes.x.value(clamp(x, axes.x.from, axes.x.to));
    if (view.moves === "student_rank") page.apply({ student_rank: nearestRank(page.scene(), across) });
    else
      page.apply({
        label_noise: Number(across.toPrecision(3)),
        student_rank: nearestRank(page.scene(), axes.y.value(clamp(y, axes.y.from, axes.y.to))),
      });
  }

  function nearestRank({ subject }, rank) {
    const spectrum = Spectrum.of(subject);
    const place = Spectrum.place(spectrum, rank);
    const { ranks } = spectrum;
    return place + 1 < ranks.length && ranks[place + 1] - rank < rank - ranks[place] ? ranks[place + 1] : ranks[place];
  }

  function read(view, event, page) {
    const known = drawn.get(view.id);
    if (!known) return;
    const [x, y] = within(view, event);
    const { figure, axes } = known;
    if (x < axes.left - 4 || x > axes.right + 4 || y < axes.top - 4 || y > axes.bottom + 4) return;
    const found = Plot.under(figure, axes, x, y);
    if (found) {
      const index = view.toggles ? figure.directions[found.index] : null;
      tell(view, found.formula, `${found.name}: ${reading(figure, found)}`, index);
    } else if (view.at) {
      const here = view.at(page.scene(), axes.x.value(x), axes.y.value(y));
      if (here)
        tell(
          view,
          "retained_cost",
          `rank ${here.rank}, ν = ${Format.number(here.noise, 3)}: ${Format.number(here.value)} nats`,
        );
    }
  }

  function reading(figure, { x, value }) {
    const along = figure.x.label.split(" (")[0];
    return `${Format.number(value)} at ${along} ${Format.number(x, 4)}`;
  }

  function tell(view, formula, text, index = null) {
    say(view, text);
    FormulaPanel.show(formula, text, index);
  }

  function say(view, text) {
    at(`reading-${view.id}`).textContent = text;
  }

  // ---- directions ----

  const REACH = 14; // pixels

  function toggleAt(view, event, page) {
    const { figure, axes } = drawn.get(view.id);
    const [x, y] = within(view, event);
    let [nearest, least] = [null, REACH];
    figure.directions.forEach((direction, i) => {
      for (const layer of figure.layers.slice(0, 4)) {
        if (layer.y[i] === null) continue;
        const distance = Math.hypot(axes.x.at(layer.x[i]) - x, axes.y.at(layer.y[i]) - y);
        if (distance < least) [nearest, least] = [direction, distance];
      }
    });
    if (nearest !== null) page.toggle(nearest);
  }

  // ---- keys ----

  const cursors = new Map(); // view id → direction under the keyboard's cursor

  function press(view, event, page) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (view.toggles) {
      if (step?.[0]) moveCursor(view, step[0], page);
      else if (event.key === " " || event.key === "Enter")
        page.toggle(cursors.get(view.id) ?? page.scene().answers.place);
      else return;
    } else if (step) {
      if (step[0]) page.nudge(view.moves === "student_rank" ? "student_rank" : "label_noise", step[0]);
      else page.nudge("student_rank", step[1]);
    } else return;
    event.preventDefault();
  }

  function moveCursor(view, by, page) {
    const scene = page.scene();
    const { eigenvalues, kept, dropped } = Model.perDirection(scene.answers.costs);
    const here = cursors.get(view.id) ?? Math.max(0, scene.answers.place - 1);
    const next = Math.min(eigenvalues.length - 1, Math.max(0, here + by));
    cursors.set(view.id, next);
    const number = Answers.nameOf(scene.answers, next);
    const state = next < scene.answers.place ? "kept" : "dropped";
    tell(
      view,
      "keep_direction_threshold",
      `direction ${number}, ${state}: ${Format.number(kept[next])} nats if kept, ${Format.number(dropped[next])} if dropped`,
      next,
    );
  }

  // Another problem has other directions.
  function forget() {
    cursors.clear();
  }

  return { draw, install, resized, forget, box, drawn };
})();
