// The strict Content-Security-Policy that the documents give, read from there; for pages with an import map its hash is added.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** As docs/content-security-policy.md says it, in its first block that is a policy. */
export async function documentedPolicy(): Promise<string> {
  const text = await readFile(new URL('../../docs/content-security-policy.md', import.meta.url), 'utf8')
  const policy = text.match(/^Content-Security-Policy: (.+)$/m)?.[1]
  if (policy === undefined) throw new Error('docs/content-security-policy.md gives no policy')
  return policy
}

/** The policy with the page's inline import map allowed, by its hash. */
export function allowingImportMap(policy: string, html: string): string {
  const map = html.match(/<script type="importmap">([\s\S]*?)<\/script>/)?.[1]
  if (map === undefined) throw new Error('the page has no import map')
  const hash = createHash('sha256').update(map).digest('base64')
  return policy.replace(/script-src [^;]*/, (directive) => `${directive} 'sha256-${hash}'`)
}
