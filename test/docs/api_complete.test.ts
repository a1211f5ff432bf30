// Each public item of the library says what a user needs: shapes, units, what is so by default, errors, and the source of its mathematics.
import { readdir, readFile } from 'node:fs/promises'
import { type Comment, type DeclarationReflection, type ProjectReflection, ReflectionKind } from 'typedoc'
import { beforeAll, expect, test } from 'vitest'
import { documentation } from '../../scripts/build-docs.mjs'

let project: ProjectReflection
beforeAll(async () => {
  const app = await documentation()
  project = (await app.convert())!
})

const textOf = (comment: Comment | undefined): string =>
  [...(comment?.summary ?? []), ...(comment?.blockTags ?? []).flatMap(({ content }) => content)]
    .map(({ text }) => text)
    .join('')

interface Item {
  readonly name: string
  readonly item: DeclarationReflection
  /** Its own comment, and those of what it is part of. */
  readonly said: string
}

/** What the type is said to be that an item is part of, or the property whose own shape has it. */
function enclosing({ parent }: DeclarationReflection): string {
  if (parent === undefined) return ''
  const around = parent.name === '__type' ? parent.parent : parent
  return around?.kindOf(ReflectionKind.SomeType | ReflectionKind.Property) ? textOf(around.comment) : ''
}

/** Items of both entries; those of a promise's or a callback's own shape are none of their making. */
function itemsOf(kind: ReflectionKind): Item[] {
  return project.getReflectionsByKind(kind).flatMap((reflection) => {
    const name = reflection.getFullName()
    if (
      /\.then\b|on(Progress|Checkpoint|Event)\.|WriteAt|(decode|classify|sample|PosteriorSource)\.__type\./.test(name)
    )
      return []
    const item = reflection as DeclarationReflection
    const outer = enclosing(item)
    return [{ name: name.replace(/^index\./, ''), item, said: `${textOf(item.comment)} ${outer}` }]
  })
}

const without = (items: readonly Item[], holds: (one: Item) => boolean) =>
  items.filter((one) => !holds(one)).map(({ name, said }) => `${name}: ${said}`)

test('what may be left out says what is so without it', () => {
  const optional = itemsOf(ReflectionKind.Property).filter(({ item }) => item.flags.isOptional)
  expect(optional.length).toBeGreaterThan(60)
  // What a change leaves out stays as it was.
  const own = optional.filter(({ name }) => !name.startsWith('Change.'))
  expect(without(own, ({ item }) => /default|absent|left out|needed/i.test(textOf(item.comment)))).toEqual([])
})

test('parameters that may be left out have their default', () => {
  const parameters = itemsOf(ReflectionKind.Parameter).filter(
    ({ item }) => item.flags.isOptional || item.defaultValue !== undefined,
  )
  expect(parameters.length).toBeGreaterThan(5)
  const bare = parameters.filter(({ item }) => item.defaultValue === undefined)
  expect(without(bare, ({ said }) => /default|needed|left out/i.test(said))).toEqual([])
})

const isArray = ({ item }: Item) => /^(Tensor|Float(32|64)Array|Uint32Array)\b/.test(item.type?.toString() ?? '')

test('arrays have their shape', () => {
  const arrays = [...itemsOf(ReflectionKind.Property), ...itemsOf(ReflectionKind.Parameter)].filter(isArray)
  expect(arrays.length).toBeGreaterThan(30)
  expect(without(arrays, ({ said }) => /\[.*\]|\bone dimension|grid|each\b|ρ_0 … ρ/i.test(said))).toEqual([])
})

/** A unit, a count of something, or a number without one that says so. */
const MEASURE =
  /in `unit`|units? of|in units|[^a-z](σ|τ|bytes|seconds?|1\/x)|how many|how often|whole number|number|dimensionless|share|length|seed|version|chains?|draws?|steps?|units|points|folds|bins|entries|epochs|levels|peaks|rays|worker|batch|extent|axis|accuracy|order|weight/i

test('numbers have a unit, or say what they count', () => {
  const numbers = [...itemsOf(ReflectionKind.Property), ...itemsOf(ReflectionKind.Parameter)].filter(
    ({ item }) => item.type?.toString() === 'number',
  )
  expect(numbers.length).toBeGreaterThan(80)
  expect(without(numbers, ({ said }) => MEASURE.test(said))).toEqual([])
})

/** They can't fail: what would is in what they return or end. */
const SAFE =
  /^(Engine\.(dispose|\[asyncDispose\])|(Sample|Train)?Run\.(pause|resume)|shortestSingle|writeCsv|npyHeader|experiments\.(\w+Preset|annealingParts|cuePosterior))\./

test('calls have their errors', () => {
  const calls = itemsOf(ReflectionKind.CallSignature).filter(({ name }) => !name.includes('__type'))
  expect(calls.length).toBeGreaterThan(40)
  const throwing = calls.filter(({ name }) => !SAFE.test(name))
  expect(without(throwing, ({ item }) => item.comment?.getTag('@throws') !== undefined)).toEqual([])
})

test('every class of errors is documented where it is thrown, in the table of README.md with its code, and is all that is thrown', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const table = [...readme.matchAll(/^\| `(\w+Error)` \| `([\w-]+)` \|/gm)].map(([, name, code]) => [name!, code!])
  const source = new URL('../../ts/library/src/', import.meta.url)
  const names = (await readdir(source, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, source), 'utf8')))
  const errors = await readFile(new URL('errors.ts', source), 'utf8')
  const code = /ErrorCode =([^\n]*(?:\n {2}\|[^\n]*)*)/.exec(errors)![1]!
  expect(table.map(([, code]) => code).sort()).toEqual([...code.matchAll(/'([\w-]+)'/g)].map(([, one]) => one).sort())
  const thrown = new Set(texts.flatMap((text) => [...text.matchAll(/\bnew (\w*Error)\(/g)].map(([, name]) => name!)))
  // `Error` is what the parts of the library tell each other, never a user.
  thrown.delete('Error')
  expect([...thrown].sort()).toEqual(table.map(([name]) => name).sort())
  const calls = project.getReflectionsByKind(ReflectionKind.CallSignature).map(({ comment }) => textOf(comment))
  for (const [name] of table)
    expect(
      calls.some((text) => text.includes(name!)),
      name,
    ).toBe(true)
})

/** What is mathematics, with the equation that it computes or the paper that has it. */
const MATHEMATICS = [
  'Network',
  'Architecture',
  'Activation',
  'Integrator',
  'Evaluator',
  'Dynamics',
  'Conditions.temperature',
  'Target',
  'GaussianMixture',
  'ConfinementReport',
  'ScoreQuality.fisherDivergence',
  'ScoreQuality.lawWasserstein',
  'ScoreError.fisherDivergence',
  'CoordinateDiagnostics.essBulk',
  'CoordinateDiagnostics.deviation',
  'CoordinateDiagnostics.excessKurtosis',
  'ReferenceDiagnostics.energyDistance',
  'ReferenceDiagnostics.mmdSquared',
  'ClassifierTest',
  'SteinDiscrepancy',
  'Spectrum',
  'SampleOptions.irreversible',
  'TrainOptions',
  'TrainingMethod',
  'Engine.train.train',
  'Engine.sample.sample',
  'Engine.score.score',
  'Engine.at.at',
  'Engine.wasserstein.wasserstein',
  'Engine.principalComponents.principalComponents',
  'Engine.project.project',
  'Engine.reconstruct.reconstruct',
  'PrincipalComponents',
]

test.each(MATHEMATICS)('%s has its equation or its source', (name) => {
  const found = project.getChildByName(`index.${name.replace(/\.(\w+)\.\1$/, '.$1')}`) as DeclarationReflection
  expect(found).toBeDefined()
  const comment = found.signatures?.[0]?.comment ?? found.comment
  expect(textOf(comment)).toMatch(/[=∝≈∫∇Σ√²ᶻ]|\b(19|20)\d\d\b|the paper|Welch/)
})
