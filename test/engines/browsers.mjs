// Browsers of the system, each started on an address with a profile of its own and ended as a whole: no driver is needed,
// since the probe's page posts its report by itself.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Missing } from './install.mjs'
import { output } from './run.mjs'

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {string} engine of JavaScript and wasm
 * @property {string[]} packages of Debian
 * @property {string} shipped the package whose version is the engine's
 * @property {() => string | undefined} find
 * @property {(binary: string, profile: string) => string[]} command to which the address is added
 * @property {(profile: string) => NodeJS.ProcessEnv} [env]
 */

/** A Chromium of the system: `CHROMIUM` in the environment, or where it usually is. */
export function findChromium() {
  return [
    process.env.CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path !== undefined && existsSync(path))
}

export const chromiumFlags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking']

const miniBrowser = () =>
  ['x86_64', 'aarch64']
    .map((processor) => `/usr/lib/${processor}-linux-gnu/webkit2gtk-4.1/MiniBrowser`)
    .find((path) => existsSync(path) && existsSync('/usr/bin/xvfb-run'))

/** @type {readonly Browser[]} */
export const browsers = [
  {
    name: 'Chromium',
    engine: 'V8',
    packages: ['chromium'],
    shipped: 'chromium',
    find: findChromium,
    command: (binary, profile) => [binary, ...chromiumFlags, '--no-first-run', `--user-data-dir=${profile}`],
  },
  {
    name: 'Firefox',
    engine: 'SpiderMonkey',
    packages: ['firefox-esr'],
    shipped: 'firefox-esr',
    find: () => ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path)),
    command: (binary, profile) => [binary, '--headless', '--no-remote', '--profile', profile],
  },
  {
    name: 'WebKitGTK',
    engine: 'JavaScriptCore',
    packages: ['webkit2gtk-driver', 'xvfb', 'xauth'],
    shipped: 'libwebkit2gtk-4.1-0',
    find: miniBrowser,
    command: (binary) => ['xvfb-run', '--auto-servernum', binary],
    env: (profile) => ({ XDG_CACHE_HOME: profile, XDG_DATA_HOME: profile, WEBKIT_DISABLE_COMPOSITING_MODE: '1' }),
  },
]

/** Where a browser is. @param {Browser} browser */
export function installed({ name, find, packages }) {
  const binary = find()
  if (binary === undefined) throw new Missing(`there is no ${name}; Debian: apt-get install ${packages.join(' ')}`)
  return binary
}

/** Its version, where Debian brought it. @param {Browser} browser */
export async function versionOf({ shipped }) {
  const said = await output(['dpkg-query', '--status', shipped]).catch(() => '')
  return said.match(/^Version: (?:\d+:)?([\d.]+)/m)?.[1] ?? ''
}

/** What `Site.visit` starts a browser with. @param {Browser} browser @param {string} binary */
export function opener(browser, binary) {
  return (/** @type {string} */ address) => {
    const profile = mkdtempSync(join(tmpdir(), 'langevin-rnn-browser-'))
    const [program = '', ...args] = browser.command(binary, profile)
    // A group of its own: a browser is many processes.
    const child = spawn(program, [...args, address], {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, ...browser.env?.(profile) },
    })
    const ended = new Promise((resolve) => child.on('error', resolve).on('close', resolve))
    const signal = (/** @type {NodeJS.Signals} */ name) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name)
      } catch {
        // The group has ended by itself.
      }
    }
    return async () => {
      signal('SIGTERM')
      const timer = setTimeout(() => signal('SIGKILL'), 3000)
      await ended
      clearTimeout(timer)
      signal('SIGKILL')
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}
