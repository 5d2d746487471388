// One control per setting: a slider for the hand and a number for the keyboard, kept in step with the design.
const Controls = (() => {
  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  const at = (id) => document.getElementById(id);

  // Write a text or an attribute only where it differs, so that nothing is laid out anew for what stays.
  function write(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function mark(node, name, value) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }

  const parts = new Map(); // setting → its slider and its number

  function build(container, change) {
    for (const setting of Settings.list) container.append(control(setting, change));
  }

  function control(setting, change) {
    const id = `set-${setting.name}`;
    const slider = element("input", { type: "range", id, min: 0, step: 1, "data-slider": setting.name });
    const number = element("input", {
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      spellcheck: "false",
      "data-number": setting.name,
      "aria-label": `${setting.label}, exact value`,
    });
    slider.addEventListener("input", () => change(setting.name, { position: Number(slider.value) }));
    number.addEventListener("change", () => change(setting.name, { value: Format.read(number.value) }));
    parts.set(setting.name, { slider, number });
    const symbol = element("i", { "aria-hidden": "true" }, ...subscript(setting.symbol));
    const label = element("label", { for: id }, `${setting.label} `, symbol, " ", element("small", {}, setting.unit));
    const row = element("div", { class: "control", "data-setting": setting.name }, label, slider, number);
    if (setting.name === "floor") row.append(priorBox(change));
    return row;
  }

  function priorBox(change) {
    const box = element("input", { type: "checkbox", id: "floor-prior" });
    box.addEventListener("change", () => change("floor", { prior: box.checked }));
    return element("label", { class: "prior", for: "floor-prior" }, box, " the student’s prior variance");
  }

  function subscript(symbol) {
    const [base, below] = symbol.split("_");
    return below ? [base, element("sub", {}, below)] : [base];
  }

  // Show a design. A slider that is being moved already stands where it should.
  function show(subject, design, prior) {
    for (const setting of Settings.list) {
      const { slider, number } = parts.get(setting.name);
      const value = setting.name === "floor" && design.floor === null ? prior : design[setting.name];
      mark(slider, "max", String(Sliders.sliderEnd(setting, subject)));
      const position = Sliders.positionOf(setting, subject, value);
      const current = Number(slider.value);
      if (current !== position && Sliders.valueAt(setting, subject, current) !== value) slider.value = position;
      mark(slider, "aria-valuetext", `${Format.number(value)} ${setting.unit}`);
      if (document.activeElement !== number || Number(number.value) !== value) {
        const text = setting.name === "floor" && design.floor === null ? value.toExponential(3) : String(value);
        if (number.value !== text) number.value = text;
      }
    }
    const fixed = subject.mode === "observed";
    for (const input of Object.values(parts.get("n_samples"))) {
      input.disabled = fixed;
      input.title = fixed ? "Labels of other samples are unknown." : "";
    }
    at("floor-prior").checked = design.floor === null;
    for (const input of Object.values(parts.get("floor"))) input.disabled = design.floor === null;
  }

  return { build, show, element, at, write };
})();
