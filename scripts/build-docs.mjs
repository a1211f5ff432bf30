// The documents and the reference of the API as one static site: node scripts/build-docs.mjs [FOLDER]
// TypeDoc does it; pages are called by their first heading, in the order in which typedoc.json lists them.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Converter, ReflectionKind } from 'typedoc'
import { root } from './setup/paths.mjs'

/** @typedef {import('typedoc').DocumentReflection} Page */

/** Takes the first heading from the text: it stands above it as the title. @param {Page} page */
function nameByHeading(page) {
  const [first] = page.content
  const heading = first?.kind === 'text' ? /^\s*# (.+)\n/.exec(first.text) : null
  if (first === undefined || heading === null) throw new Error(`${page.name} has no heading`)
  page.name = heading[1] ?? ''
  first.text = first.text.slice(heading[0].length)
}

/** TypeDoc, set up; the same for the site and for the tests of its sources. */
export async function documentation() {
  const app = await Application.bootstrapWithPlugins({ options: root })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const pages = /** @type {Page[]} */ (project.getReflectionsByKind(ReflectionKind.Document))
    pages.forEach(nameByHeading)
  })
  return app
}

/**
 * Builds the site. @param {string} [folder] default: typedoc.json's
 * @returns {Promise<string | undefined>} where it is, if all went well, warnings counted as faults
 */
export async function buildDocs(folder) {
  const app = await documentation()
  const project = await app.convert()
  if (project === undefined) return undefined
  app.validate(project)
  const out = folder ?? app.options.getValue('out')
  await app.generateDocs(project, out)
  return app.logger.hasErrors() || app.logger.hasWarnings() ? undefined : out
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [given] = process.argv.slice(2)
  const folder = await buildDocs(given && resolve(given))
  console.log(folder === undefined ? 'The documents have faults; see above.' : `${folder}/index.html`)
  process.exitCode = folder === undefined ? 1 : 0
}
