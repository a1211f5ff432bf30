// Pythons for the guides and the notebook, made once from PyPI: one with ArviZ 0, one with ArviZ 1.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pythonEnvironment } from '../engines/install.mjs'

const jupyter = ['ipykernel==7.4.0', 'nbclient==0.11.0', 'matplotlib==3.11.2']
const common = [
  'numpy==2.4.6',
  'scipy==1.17.1',
  'pandas==3.1.1',
  'xarray==2026.9.0',
  'xarray-einstats==0.9.1',
  ...jupyter,
]
const arviz1 = ['arviz==1.3.0', 'arviz-base==1.3.1', 'arviz-stats==1.3.3', 'arviz-plots==1.3.2']

const installs = {
  'ArviZ 0': [[...common, 'arviz==0.23.4']],
  // It asks for Python 3.12, and runs on 3.11 as well, which tests should not need more than.
  'ArviZ 1': [
    [...common, 'lazy-loader==0.6', 'platformdirs==4.14.8', 'typing_extensions==4.16.0'],
    ['--no-deps', '--ignore-requires-python', ...arviz1],
  ],
}

export type ArvizVersion = keyof typeof installs
export const arvizVersions = Object.keys(installs) as ArvizVersion[]

/** The interpreter, or the reason why it can't be had. */
export const python = (version: ArvizVersion): Promise<{ readonly file: string } | { readonly reason: string }> =>
  pythonEnvironment(`python-${version.toLowerCase().replace(' ', '-')}`, installs[version]).then(
    (file) => ({ file }),
    (error: Error) => ({ reason: error.message }),
  )

const execute = `
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=300).execute()
nbformat.write(notebook, sys.argv[1])
`

/** Runs a notebook in its folder, as "Run all cells" does, and keeps what the cells give in it. */
export async function runNotebook(file: string, notebook: string, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  await promisify(execFile)(file, ['-c', execute, notebook], { cwd, env })
}
