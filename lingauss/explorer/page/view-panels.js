// The views' places on the page: titles, tools, legends, figures and tables.
const ViewPanels = (() => {
  const { element, at } = Controls;
  const list = [LedgerView, MapView, DirectionsView, GapsView, RisksView, AxisView];

  function build(page) {
    for (const view of list) at("views").append(panel(view, page));
    const choice = (id, options) =>
      at(id).append(...options.map(([value, text]) => element("option", { value }, text)));
    choice(
      "axis-quantity",
      Quantities.list.map(({ name, label }) => [name, label]),
    );
    choice(
      "axis-name",
      Axes.list.map(({ name, label }) => [name, label]),
    );
    for (const [id, name] of [
      ["axis-quantity", "quantity"],
      ["axis-name", "name"],
    ]) {
      at(id).addEventListener("change", () => page.chooseAxis({ [name]: at(id).value }));
    }
    for (const view of list) Figures.install(view, page);
  }

  function panel(view, page) {
    const tool = (text, label, act) => {
      const button = element("button", { type: "button", "aria-label": `${view.title}: ${label}` }, text);
      button.addEventListener("click", act);
      return button;
    };
    const size = () => Number(at("size").value);
    const tools = element(
      "div",
      { class: "tools" },
      tool("CSV", "download the data as CSV", () => Downloads.numbers(view, page.scene())),
      tool("SVG", "download the picture as SVG", () => Downloads.picture(view, page.scene(), "svg", size())),
      tool("PNG", "download the picture as PNG", () => Downloads.picture(view, page.scene(), "png", size())),
      tool("Code", "copy code that draws it with matplotlib", () =>
        page.copy(Python.chart(view.id, page.scene(), size())),
      ),
    );
    const table = element(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": `${view.title}, table` },
      element("table"),
    );
    const details = element("details", { id: `table-${view.id}` }, element("summary", {}, "Table"), table);
    details.addEventListener("toggle", () => fill(view, page.scene()));
    return element(
      "section",
      { id: `view-${view.id}`, class: "view", "aria-labelledby": `title-${view.id}` },
      element("header", {}, element("h2", { id: `title-${view.id}` }, view.title), tools),
      element("p", { class: "about" }, view.about),
      ...(view === AxisView ? [choices()] : []),
      element("div", { class: "keys", id: `keys-${view.id}` }),
      figure(view),
      element("p", { class: "reading", id: `reading-${view.id}`, "aria-live": view.toggles ? "polite" : null }),
      element("p", { id: `note-${view.id}`, class: "note" }),
      details,
    );
  }

  const HELP = {
    ledger: "Left and right arrow keys move the rank.",
    map: "Left and right arrow keys move the label noise, up and down the rank.",
    directions: "Left and right arrow keys choose a direction; space keeps or drops it.",
  };

  // A figure that can be worked is an application to the keyboard, another one a picture.
  function figure(view) {
    const help = HELP[view.id];
    const label = `${view.title}. ${view.about} ${help ?? ""} The table below holds its numbers.`;
    const role = help ? { role: "application", tabindex: "0", "aria-roledescription": "chart" } : { role: "img" };
    return element(
      "div",
      { id: `figure-${view.id}`, class: `figure${help ? " movable" : ""}`, "aria-label": label, ...role },
      element("canvas", { "aria-hidden": "true" }),
    );
  }

  function choices() {
    return element(
      "div",
      { class: "choices" },
      element("label", { for: "axis-quantity" }, "Draw"),
      element("select", { id: "axis-quantity" }),
      element("label", { for: "axis-name" }, "against"),
      element("select", { id: "axis-name" }),
    );
  }

  // What a problem lacks is said in the view's place.
  function show(scene) {
    at("axis-quantity").value = scene.axis.quantity;
    at("axis-name").value = scene.axis.name;
    for (const view of list) {
      const lacking = view.lacking(scene.subject);
      const unchosen = view.chosen?.(scene) ?? null;
      const note = lacking ?? unchosen ?? view.note?.(scene.subject) ?? "";
      if (at(`note-${view.id}`).textContent !== note) at(`note-${view.id}`).textContent = note;
      at(`view-${view.id}`).classList.toggle("unavailable", lacking !== null || unchosen !== null);
      Figures.draw(view, scene);
    }
  }

  function fill(view, scene) {
    const details = at(`table-${view.id}`);
    if (!details.open || at(`view-${view.id}`).classList.contains("unavailable")) return;
    const { header, rows } = (view.summary ?? view.table)(scene);
    const cell = (value) => (typeof value === "number" ? Format.number(value) : value);
    const row = ([first, ...rest]) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, cell(first)),
        ...rest.map((value) => element("td", {}, cell(value))),
      );
    const head = element("tr", {}, ...header.map((text) => element("th", { scope: "col" }, text)));
    details.querySelector("table").replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows.map(row)));
  }

  const fillAll = (scene) => list.forEach((view) => fill(view, scene));

  return { list, build, show, fillAll };
})();
