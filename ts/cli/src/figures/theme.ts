// Colours and type of the figures, light and dark: Okabe–Ito for things told apart, a part of plasma for noise levels,
// both safe for colour-blind readers. The truth is always drawn in the colour of the text.

export type Theme = 'light' | 'dark'

export interface Palette {
  readonly background: string
  readonly text: string
  readonly muted: string
  readonly grid: string
  /** Fill and outline of histograms (Okabe–Ito sky blue and blue). */
  readonly bar: string
  readonly barEdge: string
  /** Chains, told apart (Okabe–Ito). */
  readonly series: readonly string[]
  /** The colour of a noise level: 0 is the largest, 1 the smallest, which stands out most. */
  readonly noise: (t: number) => string
  /** The colour of a value from 0 to 1: the larger, the further from the ground. */
  readonly heat: (t: number) => string
}

// Plasma at even steps. Its ends are left out: they would fade into the ground, or into the truth drawn over them.
const PLASMA = [
  '#0d0887',
  '#46039f',
  '#7201a8',
  '#9c179e',
  '#bd3786',
  '#d8576b',
  '#ed7953',
  '#fb9f3a',
  '#fdca26',
  '#f0f921',
]

/** Linear between the steps, in sRGB, with whole numbers, so that the text of a figure is the same everywhere. */
function plasma(t: number): string {
  const place = Math.min(1, Math.max(0, t)) * (PLASMA.length - 1)
  const low = Math.min(PLASMA.length - 2, Math.floor(place))
  const part = place - low
  const channel = (from: number) => {
    const a = Number.parseInt(PLASMA[low]!.slice(from, from + 2), 16)
    const b = Number.parseInt(PLASMA[low + 1]!.slice(from, from + 2), 16)
    return Math.round(a + (b - a) * part)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(1)}${channel(3)}${channel(5)}`
}

export const palettes: Readonly<Record<Theme, Palette>> = {
  light: {
    background: '#ffffff',
    text: '#1a1a1a',
    muted: '#555b66',
    grid: '#dfe2e8',
    bar: '#9fd3f2',
    barEdge: '#0072b2',
    series: ['#0072b2', '#d55e00', '#009e73', '#cc79a7'],
    noise: (t) => plasma(0.82 - 0.46 * t),
    heat: (t) => plasma(1 - t),
  },
  dark: {
    background: '#15181e',
    text: '#f0f2f5',
    muted: '#a9b0bd',
    grid: '#333944',
    bar: '#2b6f9b',
    barEdge: '#56b4e9',
    series: ['#56b4e9', '#e69f00', '#009e73', '#cc79a7'],
    noise: (t) => plasma(0.38 + 0.44 * t),
    heat: plasma,
  },
}

/** DejaVu Sans is what the PNGs are set in; Verdana has the same widths, so nothing shifts without it. */
export const FONT_FAMILY = "'DejaVu Sans', Verdana, system-ui, sans-serif"
export const FONT_SIZE = 12
