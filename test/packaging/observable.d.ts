// Observable's runtime, standard library, inspector and inputs come without types: here are those of what the notebook uses.
declare module '@observablehq/runtime' {
  interface Variable {
    define<T extends unknown[]>(name: string, inputs: string[], definition: (...inputs: T) => unknown): Variable
  }
  interface Module extends Variable {
    variable(observer?: object | null): Variable
  }
  export class Runtime {
    constructor(builtins?: object)
    module(): Module
  }
}
declare module '@observablehq/stdlib' {
  export type Html = (text: TemplateStringsArray, ...values: unknown[]) => HTMLElement
  export class Library {
    readonly html: () => Html
    readonly Generators: { input(input: HTMLElement): AsyncGenerator<unknown> }
  }
}
declare module '@observablehq/inspector' {
  export class Inspector {
    constructor(element: HTMLElement)
  }
}
declare module '@observablehq/inputs' {
  export function range(
    extent: [number, number],
    options: { label?: string; step?: number; value?: number },
  ): HTMLFormElement
}
declare module '*.css'
