// Colours by what they mean; those of costs are the charts' (lingauss.charts). Light and dark differ in lightness alone.
const Palette = (() => {
  const LIGHT = {
    ink: "#222222",
    quiet: "#555555",
    ground: "#ffffff",
    grid: "#e4e6e9",
    bias: "#0072b2",
    variance: "#e69f00",
    bottleneck: "#d9d9d9",
    dropped: "#767676",
    band: "#d9d9d9",
    A: "#a8447f",
    B: "#00785a",
    C: "#5b3fa0",
  };
  const DARK = {
    ink: "#e8eaed",
    quiet: "#a9afb7",
    ground: "#15181c",
    grid: "#2d333a",
    bias: "#4da3dc",
    variance: "#e69f00",
    bottleneck: "#4a515a",
    dropped: "#9aa2ac",
    band: "#343b43",
    A: "#e391c0",
    B: "#3cc79f",
    C: "#b9a5f5",
  };
  // Cividis, as in the charts: dark is low.
  const CIVIDIS = ["00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838"];
  const SHADES = 256;

  const channels = CIVIDIS.map((colour) => [0, 2, 4].map((start) => parseInt(colour.slice(start, start + 2), 16)));
  const shades = Array.from({ length: SHADES }, (_, i) => {
    const at = (i / (SHADES - 1)) * (channels.length - 1);
    const below = Math.min(Math.floor(at), channels.length - 2);
    return channels[below].map((low, j) => Math.round(low + (at - below) * (channels[below + 1][j] - low)));
  });

  const shade = (share) => shades[Math.round(Math.min(1, Math.max(0, share)) * (SHADES - 1))];

  const DASHES = { solid: [], guide: [4, 3], long: [6, 2], dotted: [1.5, 2], A: [7, 2], B: [3, 2], C: [7, 2, 2, 2] };

  function isDark() {
    const { theme } = document.documentElement.dataset;
    return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  }

  return { LIGHT, DARK, DASHES, shade, isDark, present: () => (isDark() ? DARK : LIGHT) };
})();
