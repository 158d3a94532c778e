/** 1/3!, 1/5!, … and 1/2!, 1/4!, …, with their signs. */
const sineTerms = termsFrom(3);
const cosineTerms = termsFrom(2);

/**
 * Sine and cosine of a number of whole turns (1 = 2π), by + − × alone, so that every engine gives the same bits. Turns are brought to an
 * eighth exactly, then both by their power series on [−π/4, π/4], which leave out less than 2^-58. Within 2^-52 of the true values.
 */
export function sineCosine(turns: number): readonly [sine: number, cosine: number] {
  const whole = turns - Math.floor(turns);
  const quarter = Math.floor(whole * 4 + 0.5);
  const angle = (whole - quarter / 4) * (2 * Math.PI);
  const z = angle * angle;
  const sine = angle + angle * z * series(sineTerms, z);
  const cosine = 1 + z * series(cosineTerms, z);
  switch (quarter % 4) {
    case 0:
      return [sine, cosine];
    case 1:
      return [cosine, -sine];
    case 2:
      return [-sine, -cosine];
    default:
      return [-cosine, sine];
  }
}

function series(terms: readonly number[], z: number): number {
  let sum = 0;
  for (let at = terms.length - 1; at >= 0; at -= 1) sum = sum * z + terms[at]!;
  return sum;
}

function termsFrom(first: number): readonly number[] {
  return Array.from({ length: 8 }, (_, index) => {
    let factorial = 1;
    for (let factor = 2; factor <= first + 2 * index; factor += 1) factorial *= factor;
    return (index % 2 === 0 ? -1 : 1) / factorial;
  });
}
