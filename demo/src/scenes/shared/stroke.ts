// A stroke of mouse, pen or finger over a picture, in the units of the svg that it goes over.

interface Place {
  readonly x: number
  readonly y: number
}

export class Stroke {
  #last: Place | null = null
  #inverse: DOMMatrix | null = null

  get going(): boolean {
    return this.#last !== null
  }

  begin(event: PointerEvent): Place {
    const target = event.currentTarget as SVGGraphicsElement
    target.setPointerCapture(event.pointerId)
    this.#inverse = target.getScreenCTM()?.inverse() ?? null
    this.#last = this.#place(event)
    return this.#last
  }

  /** From where it was to where it is. */
  move(event: PointerEvent): { from: Place; to: Place } {
    const to = this.#place(event)
    const from = this.#last ?? to
    this.#last = to
    return { from, to }
  }

  end(): void {
    this.#last = null
  }

  #place({ clientX, clientY }: PointerEvent): Place {
    return new DOMPoint(clientX, clientY).matrixTransform(this.#inverse ?? undefined)
  }
}
