// The formula of the thing under the pointer, or of the button that has the focus.
const FormulaPanel = (() => {
  const { element } = Controls;
  let catalogue = {};
  let shown = null;

  function install(formulas) {
    catalogue = formulas;
    const of = (event) => event.target.closest?.("[data-formula]")?.dataset.formula;
    const react = (event) => {
      const name = of(event);
      if (name) show(name, "");
    };
    document.addEventListener("pointerover", react);
    document.addEventListener("focusin", react);
    document.getElementById("formula-close").addEventListener("click", close);
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") close();
    });
  }

  function close() {
    document.getElementById("formula").classList.remove("open");
  }

  // `value` says what the pointer reads off; it may change while the formula stays.
  function show(name, value) {
    const panel = document.getElementById("formula");
    document.getElementById("formula-value").textContent = value;
    panel.classList.add("open");
    if (name === shown) return;
    shown = name;
    panel.dataset.shown = name;
    const { title, source, assumptions, mathml } = catalogue[name];
    document.getElementById("formula-title").textContent = title;
    const body = document.getElementById("formula-body");
    // MathML of the library's own formulas, part of the page; nothing from the user's data.
    body.innerHTML = mathml.join("");
    const notes = [...assumptions, source].map((text) => element("li", {}, text));
    document.getElementById("formula-notes").replaceChildren(...notes);
    document.getElementById("formula-python").textContent = `lingauss.symbolic.derivation("${name}")`;
  }

  return { install, show };
})();
