// Designs that are held beside the present one.
const Pins = (() => {
  const LETTERS = ["A", "B", "C"];
  const LONGEST_NAME = 40;

  const free = (pins) => LETTERS.find((letter) => !pins.some((pin) => pin.letter === letter));

  function added(pins, key, design) {
    const letter = free(pins);
    const pin = { letter, name: `Design ${letter}`, key, design: { ...design } };
    return [...pins, pin].sort((one, other) => (one.letter < other.letter ? -1 : 1));
  }

  const without = (pins, letter) => pins.filter((pin) => pin.letter !== letter);

  const renamed = (pins, letter, name) =>
    pins.map((pin) =>
      pin.letter === letter ? { ...pin, name: name.trim().slice(0, LONGEST_NAME) || `Design ${letter}` } : pin,
    );

  return { LETTERS, LONGEST_NAME, free, added, without, renamed };
})();
