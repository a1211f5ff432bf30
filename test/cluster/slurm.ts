// A Slurm cluster of several nodes on this machine, in a folder of its own: munged, slurmctld and a slurmd for each node, started and
// stopped by the tests. Nothing of the machine's own Slurm, if it has one, is touched.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const NODES = ['n1', 'n2', 'n3']
const daemons = Object.fromEntries(
  ['munged', 'slurmctld', 'slurmd'].map((name) => [name, [`/usr/sbin/${name}`, `/usr/bin/${name}`].find(existsSync)]),
) as Record<'munged' | 'slurmctld' | 'slurmd', string | undefined>

/** What keeps a cluster from being started here; undefined when nothing does. */
export const lacking = Object.entries(daemons).find(([, path]) => path === undefined)?.[0]

export interface Cluster {
  readonly nodes: readonly string[]
  /** The environment in which Slurm's commands speak to this cluster. */
  readonly env: NodeJS.ProcessEnv
  /** Runs a command of Slurm's. */
  slurm(command: string, ...args: string[]): Promise<string>
  /** What the daemons have said, for a test that failed. */
  logs(): Promise<string>
  stop(): Promise<void>
}

export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'langevin-rnn-slurm-'))
  const path = (...parts: string[]) => join(folder, ...parts)
  const children: ChildProcess[] = []
  const start = (name: keyof typeof daemons, ...args: string[]) => {
    const child = spawn(daemons[name]!, args, {
      stdio: 'ignore',
      env: { ...process.env, SLURM_CONF: path('slurm.conf') },
    })
    children.push(child)
    return child
  }
  const stop = async () => {
    for (const child of children.reverse()) await ended(child)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await mkdir(path('munge'), { mode: 0o755 })
    await writeFile(path('munge/key'), randomBytes(128), { mode: 0o400 })
    for (const name of ['state', 'logs']) await mkdir(path(name))
    for (const node of NODES) await mkdir(path('spool', node), { recursive: true })
    await writeFile(path('slurm.conf'), await configuration(folder))
    const munge = ['socket', 'pid-file', 'log-file', 'seed-file'].map((name) => `--${name}=${path('munge', name)}`)
    start('munged', '--foreground', '--force', `--key-file=${path('munge/key')}`, ...munge)
    await until('munged', () => existsSync(path('munge/socket')))
    start('slurmctld', '-D', '-f', path('slurm.conf'))
    for (const node of NODES) start('slurmd', '-D', '-N', node, '-f', path('slurm.conf'))
    const env = { ...process.env, SLURM_CONF: path('slurm.conf') }
    const cluster: Cluster = {
      nodes: NODES,
      env,
      slurm: async (command, ...args) => (await execute(command, args, { env })).stdout,
      logs: async () => {
        const files = ['slurmctld.log', ...NODES.map((node) => `${node}.log`)]
        const texts = await Promise.all(files.map((file) => readFile(path('logs', file), 'utf8').catch(() => '')))
        return texts.map((text, i) => `${files[i]}:\n${text.slice(-3000)}`).join('\n')
      },
      stop,
    }
    await until('the nodes', async () => {
      const states = await cluster.slurm('sinfo', '--noheader', '--Node', '--format=%T').catch(() => '')
      return states.split('\n').filter((state) => state === 'idle').length === NODES.length
    }).catch(async (error) => {
      throw new Error(`${error.message}\n${await cluster.logs()}`)
    })
    return cluster
  } catch (error) {
    await stop()
    throw error
  }
}

async function configuration(folder: string): Promise<string> {
  const path = (...parts: string[]) => join(folder, ...parts)
  const user = userInfo().username
  const [control, ...ports] = await freePorts(1 + NODES.length)
  const nodes = NODES.map(
    (node, i) =>
      `NodeName=${node} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=2 RealMemory=1000`,
  )
  return `ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${control}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${path('munge/socket')},cred_expire=5
CredType=cred/munge
StateSaveLocation=${path('state')}
SlurmdSpoolDir=${path('spool')}/%n
SlurmctldPidFile=${path('slurmctld.pid')}
SlurmdPidFile=${path('%n.pid')}
SlurmctldLogFile=${path('logs/slurmctld.log')}
SlurmdLogFile=${path('logs')}/%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1,bf_interval=1
MpiDefault=none
KillWait=2
ReturnToService=2
JobRequeue=1
MaxArraySize=10001
${nodes.join('\n')}
PartitionName=short Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
`
}

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Asks a process to end, and makes it end when it doesn't. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const impatient = setTimeout(() => child.kill('SIGKILL'), 5000)
  await gone
  clearTimeout(impatient)
}

/** Waits until something is so, for a minute at most. */
export async function until(what: string, so: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; !(await so()); ) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
