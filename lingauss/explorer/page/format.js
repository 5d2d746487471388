// Numbers for people, as the charts of lingauss.charts write them.
const Format = (() => {
  const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  const MILLION = 1e6;
  // By how many digits stand after the point at most; making one takes longer than a figure.
  const plain = Array.from(
    { length: 21 },
    (_, digits) => new Intl.NumberFormat("en", { maximumFractionDigits: digits }),
  );

  function number(value, digits = 4) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    if (value === 0) return "0";
    const size = Math.abs(value);
    const text =
      size >= MILLION || size < 1e-4
        ? value
            .toExponential(digits - 1)
            .replace(/\.?0+e/, "e")
            .replace("e+", "e")
        : String(Number(value.toPrecision(digits)));
    return text.replace(/^-/, "−").replace("e-", "e−");
  }

  // With its sign, as a difference.
  const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));

  const power = (exponent) => `10${String(exponent).replace(/./g, (digit) => SUPERSCRIPTS[digit])}`;

  // A tick of a linear axis whose ticks lie `step` apart.
  function tick(value, step) {
    if (Math.abs(value) < step * 1e-9) return "0";
    const size = Math.max(Math.abs(value), step);
    if (size >= MILLION || size < 1e-3) return number(value, 6);
    let digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    if (Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits += 1;
    return plain[digits].format(Number(value.toFixed(digits))).replace(/^-/, "−");
  }

  // A tick of a logarithmic axis that reaches up to `top`.
  function logTick(value, top) {
    if (top < MILLION && value >= 1e-3)
      return plain[6].format(Number(value.toPrecision(4)));
    const exponent = Math.floor(Math.log10(value) + 1e-9);
    const digits = Number((value / 10 ** exponent).toPrecision(2));
    return digits === 1 ? power(exponent) : `${digits}·${power(exponent)}`;
  }

  // A table as CSV, numbers with all their digits.
  function csv({ header, rows }) {
    const cell = (value) => {
      const text = String(value ?? "");
      return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [header, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
  }

  // A decimal number as people write it, or NaN.
  function read(text) {
    const number = text.trim().replace("−", "-");
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number) ? Number(number) : NaN;
  }

  return { read, number, signed, tick, logTick, csv };
})();
