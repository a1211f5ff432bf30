// A peer as a long-lived child process that speaks JSON lines, so that its runs alternate with ours in one session.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../peers/', import.meta.url))
const LONGEST_MILLISECONDS = 20 * 60_000

export class Peer {
  #child
  #next = 1
  #pending = new Map()
  #tail = ''

  constructor(command, parameters) {
    this.#child = spawn(command, parameters, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr.on('data', (text) => {
      this.#tail = (this.#tail + text).slice(-2000)
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answer(line))
    this.#child.stdin.on('error', () => {})
    this.#child.on('error', (error) => this.#fail(error.message))
    this.#child.on('exit', (code, signal) => this.#fail(`it ended (${signal ?? code}): ${this.#tail.trim()}`))
  }

  #answer(line) {
    const { id, result, error } = JSON.parse(line)
    const waiting = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) waiting?.resolve(result)
    else waiting?.reject(new Error(error))
  }

  #fail(reason) {
    for (const { reject } of this.#pending.values()) reject(new Error(reason))
    this.#pending.clear()
  }

  /** One operation; rejects when the peer fails, ends or is silent for too long. */
  call(op, parameters = {}) {
    if (this.#child.exitCode !== null) return Promise.reject(new Error(`it ended: ${this.#tail.trim()}`))
    const id = this.#next++
    return new Promise((fulfil, reject) => {
      const timer = setTimeout(() => {
        this.#fail(`${op} took more than ${LONGEST_MILLISECONDS / 60_000} minutes`)
        this.end()
      }, LONGEST_MILLISECONDS)
      const settle = (then) => (value) => {
        clearTimeout(timer)
        then(value)
      }
      this.#pending.set(id, { resolve: settle(fulfil), reject: settle(reject) })
      this.#child.stdin.write(`${JSON.stringify({ id, op, arguments: parameters })}\n`)
    })
  }

  end() {
    this.#child.stdin.end()
    this.#child.kill()
  }
}

/** The JavaScript peer's packages, installed when first wanted; they are no part of the workspace. */
function installed() {
  if (existsSync(`${folder}node_modules/@tensorflow/tfjs-backend-wasm`)) return true
  console.error('Installing tfjs-backend-wasm into test/bench/peers …')
  return (
    spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' })
      .status === 0
  )
}

/** Peers run in their own folder, so a path is made absolute; a bare name is looked up by the system. */
const program = (path) => (/[\\/]/.test(path) ? resolve(path) : path)

/**
 * Starts the peers that there are. Those that there aren't are named with the reason.
 * @param {{ python?: string, 'torch-python'?: string }} paths
 */
export async function startPeers(paths, wanted) {
  const commands = {
    jax: paths.python && [program(paths.python), ['jax_peer.py']],
    torch: paths['torch-python'] && [program(paths['torch-python']), ['torch_peer.py']],
    tfjs: wanted.has('tfjs') && installed() && [process.execPath, ['tfjs_peer.mjs']],
  }
  const options = { jax: '--python', torch: '--torch-python' }
  const peers = new Map()
  const facts = {}
  const missing = {}
  for (const name of wanted) {
    if (!commands[name]) {
      missing[name] = options[name] ? `${options[name]} was not given` : 'npm ci failed in test/bench/peers'
      continue
    }
    const peer = new Peer(...commands[name])
    try {
      facts[name] = await peer.call('hello')
      peers.set(name, peer)
    } catch (error) {
      missing[name] = error instanceof Error ? error.message : String(error)
      peer.end()
    }
  }
  return { peers, facts, missing }
}
