// The guide to many machines does what it says: its commands run here, and the pods of its Kubernetes Job by their own command.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { openGuide, testBlocks } from './guide.js'

const guide = await openGuide('docs/cluster.md')
afterAll(() => guide.remove())

await testBlocks(guide)

test.skipIf(process.platform === 'win32')('the pods of the indexed Job give the whole run', async () => {
  const job = parse(/^```yaml\n([\s\S]*?)^```$/m.exec(guide.text)![1]!)
  expect(job).toMatchObject({
    apiVersion: 'batch/v1',
    kind: 'Job',
    spec: { completionMode: 'Indexed', completions: 8 },
  })
  const [container, ...others] = job.spec.template.spec.containers
  expect(others).toEqual([])
  expect(container.command).toEqual(['sh', '-c'])
  const mounted = job.spec.template.spec.volumes.map(({ name }: { name: string }) => name)
  for (const { name, mountPath } of container.volumeMounts) {
    expect(mounted).toContain(name)
    expect(mountPath).toBe(container.workingDir)
  }
  for (let index = 0; index < job.spec.completions; index++) {
    await guide.shell(`sh -c "$POD"`, { POD: container.args[0], JOB_COMPLETION_INDEX: String(index) })
  }
  await guide.shell(/`(langevin-rnn merge pod[^`]*)`/.exec(guide.text)![1]!.replace('draws.npz', 'pods.npz'))
  const [pods, whole] = await Promise.all(['pods.npz', 'draws.npz'].map((name) => readFile(join(guide.work, name))))
  expect(pods!.equals(whole!)).toBe(true)
})
