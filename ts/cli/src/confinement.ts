// A confinement report in a line.
import type { ConfinementReport } from 'langevin-rnn'
import { significant } from './table.js'

export function describeConfinement(report: ConfinementReport): string {
  const worst = Math.max(...report.outwardDrift)
  const far = report.asymptoticSlope === null ? '' : `, at infinity ${significant(report.asymptoticSlope)}`
  const drift = `largest outward drift ${significant(worst)}/τ on ${report.rays} rays${far}`
  return report.confined ? `confined: ${drift}` : `NOT CONFINED: ${report.warning ?? drift}`
}
