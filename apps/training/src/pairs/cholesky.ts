/** The lower triangle L with L · Lᵀ = the symmetric positive matrix of this lower triangle, row by row, in its place. */
export function cholesky(matrix: readonly Float64Array[]): readonly Float64Array[] {
  for (const [row, own] of matrix.entries())
    for (let column = 0; column <= row; column += 1) {
      const other = matrix[column]!;
      let sum = own[column]!;
      for (let at = 0; at < column; at += 1) sum -= own[at]! * other[at]!;
      own[column] = row === column ? Math.sqrt(sum) : sum / other[column]!;
    }
  return matrix;
}

/** L⁻¹ · x. */
export function solveLower(lower: readonly Float64Array[], x: ArrayLike<number>): Float64Array {
  const solved = Float64Array.from(x);
  for (const [row, own] of lower.entries()) {
    for (let at = 0; at < row; at += 1) solved[row]! -= own[at]! * solved[at]!;
    solved[row]! /= own[row]!;
  }
  return solved;
}

/** (L · Lᵀ)⁻¹ · x. */
export function solveSymmetric(lower: readonly Float64Array[], x: ArrayLike<number>): Float64Array {
  const solved = solveLower(lower, x);
  for (let row = solved.length - 1; row >= 0; row -= 1) {
    for (let at = row + 1; at < solved.length; at += 1) solved[row]! -= lower[at]![row]! * solved[at]!;
    solved[row]! /= lower[row]![row]!;
  }
  return solved;
}
