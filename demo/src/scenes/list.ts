// The scenes by name, in the order of the page, without their code, so that the build can read it.

interface Listed {
  /** Its name in the address; the first has none, so that the bare address shows it. */
  readonly name: string | null
  /** In the page's navigation. */
  readonly title: string
  /** Where its parts are; `intro.html` there has its words. */
  readonly folder: 'double_peak' | 'draw' | 'laplace' | 'inside' | 'brain' | 'digits'
}

export const LIST: readonly Listed[] = [
  { name: null, title: 'The double peak', folder: 'double_peak' },
  { name: 'draw', title: 'Draw your own', folder: 'draw' },
  { name: 'laplace', title: 'Acceleration', folder: 'laplace' },
  { name: 'inside', title: 'Inside the circuit', folder: 'inside' },
  { name: 'brain', title: 'Bayesian brain', folder: 'brain' },
  { name: 'digits', title: 'Digits', folder: 'digits' },
]
