// Where the reader types, pastes, drops or generates a spectrum.
const OwnPanel = (() => {
  const { at } = Controls;

  function install(use) {
    at("own-open").addEventListener("click", () => {
      at("own").hidden = !at("own").hidden;
      at("own-open").setAttribute("aria-expanded", String(!at("own").hidden));
      if (!at("own").hidden) at("own-text").focus();
    });
    at("own-use").addEventListener("click", () => take(use));
    at("law-make").addEventListener("click", () => {
      if (write()) take(use);
    });
    at("own-file").addEventListener("change", () => readFile(at("own-file").files[0], use));
    at("own").addEventListener("dragover", (event) => {
      event.preventDefault();
      at("own").classList.add("over");
    });
    at("own").addEventListener("dragleave", () => at("own").classList.remove("over"));
    at("own").addEventListener("drop", (event) => {
      event.preventDefault();
      at("own").classList.remove("over");
      readFile(event.dataTransfer.files[0], use);
    });
  }

  async function readFile(file, use) {
    if (!file) return;
    at("own-text").value = await file.text();
    take(use);
  }

  function settings() {
    const number = (id) => Format.read(at(id).value);
    const n_samples = at("own-samples").value.trim() === "" ? undefined : number("own-samples");
    const outputs = number("own-outputs");
    if (!Number.isSafeInteger(outputs) || outputs < 1)
      return { objection: "Outputs: expected a whole number of at least 1." };
    return { n_samples, label_noise: number("own-noise"), outputs };
  }

  function take(use) {
    const given = settings();
    const { subject, objection } = given.objection ? given : OwnSpectrum.parse(at("own-text").value, given);
    at("own-objection").textContent = objection ?? "";
    if (subject) use(subject);
  }

  function write() {
    const number = (id) => Format.read(at(id).value);
    const size = number("law-size");
    const { rows, objection } = OwnSpectrum.powerLaw(
      size,
      number("law-top"),
      number("law-decay"),
      number("law-signal"),
    );
    at("own-objection").textContent = objection ?? "";
    if (rows) at("own-text").value = rows.map((row) => row.join(" ")).join("\n");
    return Boolean(rows);
  }

  return { install };
})();
