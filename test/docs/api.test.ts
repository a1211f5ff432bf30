// Every public item is documented, and every link in a comment leads somewhere: TypeDoc's own checks, none of them let pass.
import { fileURLToPath } from 'node:url'
import { Application, type Logger } from 'typedoc'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the public API is documented without a warning', async () => {
  const app = await Application.bootstrapWithPlugins({ options: root })
  const messages: string[] = []
  const report = (text: string) => messages.push(text)
  const logger: Logger = app.logger
  logger.warn = report
  logger.error = report
  const project = await app.convert()
  expect(messages).toEqual([])
  expect(project).toBeDefined()
  app.validate(project!)
  expect(messages).toEqual([])
  // The checks are on, whatever becomes of typedoc.json.
  expect(app.options.getValue('validation')).toMatchObject({
    notExported: true,
    invalidLink: true,
    notDocumented: true,
  })
  const names = project!.children?.map(({ name }) => name)
  expect(names).toEqual(['experiments', 'index'])
})
