/** How many things there are, as far as that is known without counting each. */
export interface RoughCount {
  readonly count: number
  /** `at-least`: there are more, and it is not known how many. */
  readonly precision: 'exact' | 'about' | 'at-least'
}
