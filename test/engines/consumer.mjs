// What a user has after `npm install`: a folder outside the checkout with the packed tarballs in it.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { output } from './run.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const programs = ['probe.mjs', 'pictures.mjs', 'script.mjs', 'script.cjs', 'page.mjs', 'guard.js']

/** The example without a bundler, its import map and all, with the probe for its program. */
async function probePage() {
  const example = await readFile(join(root, 'examples/page/index.html'), 'utf8')
  const experiments = '"langevin-rnn/experiments": "/node_modules/langevin-rnn/dist/experiments/index.js"'
  return example
    .replace('"imports": {', (line) => `${line} ${experiments},`)
    .replace(
      /<script type="module">[\s\S]*?<\/script>/,
      '<script src="guard.js"></script><script type="module" src="page.mjs"></script>',
    )
}

/** Packs a workspace as `npm publish` would. @param {string} workspace @param {string} folder @returns {Promise<string>} the tarball */
export async function pack(workspace, folder) {
  await mkdir(folder, { recursive: true })
  const printed = await output(['npm', 'pack', '--silent', '--pack-destination', folder], {
    cwd: join(root, workspace),
  })
  return join(folder, printed.trim().split('\n').at(-1) ?? '')
}

/** An empty folder in which the library and the command are installed from their tarballs. Whoever asks removes it. */
export async function makeConsumer() {
  const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-consumer-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true }\n')
    const tarballs = [
      await pack('ts/library', join(folder, 'tarballs')),
      await pack('ts/cli', join(folder, 'tarballs')),
    ]
    const install = ['npm', 'install', '--no-audit', '--no-fund', ...tarballs]
    // Set-up has left all dependencies in npm's cache, from which they come where there is no network.
    await output([...install, '--prefer-offline', '--fetch-retries=0'], { cwd: folder }).catch(() =>
      output([...install, '--offline'], { cwd: folder }),
    )
    for (const name of programs) await cp(fileURLToPath(new URL(name, import.meta.url)), join(folder, name))
    await writeFile(join(folder, 'page.html'), await probePage())
    await mkdir(join(folder, 'app'))
    await cp(fileURLToPath(new URL('bundled.html', import.meta.url)), join(folder, 'app/index.html'))
    for (const name of ['probe.mjs', 'pictures.mjs', 'page.mjs'])
      await cp(join(folder, name), join(folder, 'app', name))
    return { folder, tarballs, remove: () => rm(folder, { recursive: true, force: true }) }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}
