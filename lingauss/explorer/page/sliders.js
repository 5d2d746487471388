// Sliders: from a position to a value of a setting, and back.
const Sliders = (() => {
  const STEPS = 300;

  const rounded = (value) => Number(value.toPrecision(3));

  // The whole numbers a slider stops at: all small ones, then ever fewer.
  function ladder(setting, subject) {
    const [low, high] = setting.range(subject);
    const steps = Array.from({ length: STEPS + 1 }, (_, i) => Math.round(low * (high / low) ** (i / STEPS)));
    return [...new Set(steps)];
  }

  // From a slider's position to a value, and back.
  function valueAt(setting, subject, position) {
    const [low, high] = setting.range(subject);
    const share = position / STEPS;
    switch (setting.scale) {
      case "rank":
        return Spectrum.of(subject).ranks[position];
      case "linear":
        return rounded(low + (high - low) * share);
      case "log0":
        return position === 0 ? 0 : rounded(low * (high / low) ** ((position - 1) / (STEPS - 1)));
      case "count":
        return ladder(setting, subject)[position];
      default:
        return rounded(low * (high / low) ** share);
    }
  }

  function positionOf(setting, subject, value) {
    const [low, high] = setting.range(subject);
    const clamp = (position) => Math.min(STEPS, Math.max(0, Math.round(position)));
    const share = Math.log(value / low) / Math.log(high / low);
    switch (setting.scale) {
      case "rank":
        return Spectrum.place(Spectrum.of(subject), value);
      case "linear":
        return clamp((STEPS * (value - low)) / (high - low));
      case "count": {
        const steps = ladder(setting, subject);
        const next = steps.findIndex((step) => step >= value);
        return next === -1 ? steps.length - 1 : next;
      }
      case "log0":
        return value <= 0 ? 0 : Math.max(1, clamp(1 + (STEPS - 1) * share));
      default:
        return value <= 0 ? 0 : clamp(STEPS * share);
    }
  }

  function sliderEnd(setting, subject) {
    if (setting.scale === "rank") return Spectrum.of(subject).ranks.length - 1;
    return setting.scale === "count" ? ladder(setting, subject).length - 1 : STEPS;
  }

  return { valueAt, positionOf, sliderEnd };
})();
