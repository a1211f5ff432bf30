// One way to drive the page in three engines: Chromium and Firefox by Puppeteer, WebKitGTK by its WebDriver on a display of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import puppeteer from 'puppeteer-core'
import { Builder, By, Capabilities, Key } from 'selenium-webdriver'
import { browsers, chromiumFlags } from '../../test/engines/browsers.mjs'

/** A browser with one page. */
export interface Driver {
  open(address: string): Promise<void>
  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T>
  /** Puts text into a field as a visitor does, and leaves it. */
  fill(selector: string, text: string): Promise<void>
  click(selector: string): Promise<void>
  end(): Promise<void>
}

export interface Drivable {
  readonly name: string
  /** Where it is; undefined where it isn't. */
  readonly binary: string | undefined
  readonly start: () => Promise<Driver>
}

export const drivable: readonly Drivable[] = browsers.map((browser) => {
  const binary = browser.find()
  if (binary === undefined) {
    const reason = `no ${browser.name}; Debian: apt-get install ${browser.packages.join(' ')}`
    if (process.env['CI']) throw new Error(reason)
    console.warn(`The demo is not tested there: ${reason}`)
  }
  const start = { Chromium: byPuppeteer('chrome'), Firefox: byPuppeteer('firefox'), WebKitGTK: byWebDriver }[
    browser.name
  ]!
  return { name: browser.name, binary, start: () => start(binary!) }
})

function byPuppeteer(browser: 'chrome' | 'firefox') {
  return async (executablePath: string): Promise<Driver> => {
    const started = await puppeteer.launch({
      browser,
      executablePath,
      headless: true,
      args: browser === 'chrome' ? [...chromiumFlags] : [],
    })
    const page = await started.newPage()
    await page.setViewport({ width: 1280, height: 900 })
    return {
      open: async (address) => void (await page.goto(address)),
      read: async <T>(expression: string) => (await page.evaluate(expression)) as T,
      async fill(selector, text) {
        await page.focus(selector)
        await page.$eval(selector, (field) => (field as HTMLInputElement).select())
        await page.keyboard.type(text)
        await page.keyboard.press('Tab')
      },
      click: (selector) => page.click(selector),
      end: () => started.close(),
    }
  }
}

async function byWebDriver(binary: string): Promise<Driver> {
  const port = await freePort()
  // A group of its own: the display, the driver and the browser's processes.
  const server = spawn('xvfb-run', ['--auto-servernum', 'WebKitWebDriver', `--port=${port}`], {
    detached: true,
    stdio: 'ignore',
    // Root has no sandbox to give, and a display without a graphics card no compositing.
    env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1' },
  })
  const endServer = () => {
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGTERM')
  }
  await once(server, 'spawn')
  await answering(`http://127.0.0.1:${port}/status`)
  const options = { binary, args: ['--automation'] }
  const driver = await new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities(new Capabilities({ browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options }))
    .build()
    .catch((error: unknown) => {
      endServer()
      throw error
    })
  const find = (selector: string) => driver.findElement(By.css(selector))
  return {
    open: (address) => driver.get(address),
    read: <T>(expression: string) => driver.executeScript<T>(`return (${expression})`),
    async fill(selector, text) {
      const field = await find(selector)
      await driver.executeScript('arguments[0].select()', field)
      await field.sendKeys(text)
      await field.sendKeys(Key.TAB)
    },
    click: async (selector) => (await find(selector)).click(),
    async end() {
      await driver.quit().catch(() => {})
      endServer()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

async function answering(address: string): Promise<void> {
  const until = Date.now() + 20_000
  for (;;) {
    const answer = await fetch(address).catch(() => undefined)
    if (answer?.ok) return
    if (Date.now() > until) throw new Error(`nothing answers at ${address}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
