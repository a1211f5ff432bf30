// What the page's address says: which scene, whether the page sits in a frame of another, and the scene's own settings.
// All of it is in the query, which no server has to rewrite and which the service worker passes over.

/** The first scene has no name in the address. */
const SCENE = 'scene'
const EMBED = 'embed'

class Address {
  #search = $state(location.search)
  /** Grows with every change of place by a link or by the browser's buttons, not with changes of settings. */
  visit = $state(0)

  constructor() {
    addEventListener('popstate', () => this.#visited())
  }

  get scene(): string | null {
    return new URLSearchParams(this.#search).get(SCENE)
  }

  /** Figures and controls alone, for a frame in another page. */
  get embed(): boolean {
    return new URLSearchParams(this.#search).has(EMBED)
  }

  /** The scene's own settings. */
  get settings(): URLSearchParams {
    const query = new URLSearchParams(this.#search)
    query.delete(SCENE)
    query.delete(EMBED)
    return query
  }

  /** The whole address of the picture that shows, in a page of its own or for a frame. */
  link(embed: boolean): string {
    return new URL(query(this.scene, embed, this.settings) || location.pathname, location.href).href
  }

  /** New settings of the scene that shows; no new entry in the browser's history. */
  keep(settings: URLSearchParams): void {
    const search = query(this.scene, this.embed, settings)
    history.replaceState(null, '', (search || location.pathname) + location.hash)
    this.#search = search
  }

  /** Goes to a scene with its defaults. */
  visitScene(scene: string | null): void {
    history.pushState(null, '', query(scene, this.embed) || location.pathname)
    this.#visited()
  }

  #visited(): void {
    this.#search = location.search
    this.visit += 1
  }
}

function query(scene: string | null, embed: boolean, settings?: URLSearchParams): string {
  const parts = [scene === null ? '' : `${SCENE}=${encodeURIComponent(scene)}`, embed ? EMBED : '', `${settings ?? ''}`]
  const text = parts.filter((part) => part !== '').join('&')
  return text === '' ? '' : `?${text}`
}

export const address = new Address()
