// Before the page's own code is there: the words of the scene that the address asks for, and the files of its code.
document.addEventListener(
  'readystatechange',
  () => {
    const query = new URLSearchParams(location.search)
    const name = query.get('scene') ?? ''
    const template = document.querySelector(`template[data-scene="${CSS.escape(name)}"]`)
    const code = template?.dataset.code?.split(' ') ?? []
    // After they have been painted, which a slow network would put off otherwise; one task each, as each costs a slow machine some.
    requestAnimationFrame(() => {
      for (const href of code) setTimeout(() => fetchSoon(href))
    })
    if (query.has('embed')) {
      for (const part of document.querySelectorAll('.skip, .top')) part.remove()
    } else if (template) {
      const section = document.createElement('section')
      section.className = 'intro'
      section.append(template.content.cloneNode(true))
      document.querySelector('main').append(section)
    }
    for (const link of document.querySelectorAll('.scenes a')) {
      if ((new URL(link.href).searchParams.get('scene') ?? '') === name) link.ariaCurrent = 'page'
    }
  },
  { once: true },
)

function fetchSoon(href) {
  const wanted = href.endsWith('.wasm')
    ? { rel: 'preload', as: 'fetch', fetchPriority: 'low' }
    : { rel: 'modulepreload' }
  document.head.append(Object.assign(document.createElement('link'), wanted, { crossOrigin: '', href }))
}
