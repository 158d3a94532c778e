import ts from 'typescript';

/** One change of a source file: the characters from `start` to `end` become `to`. */
export interface Mutation {
  readonly start: number;
  readonly end: number;
  readonly to: string;
  /** For people: `12: 0.5 becomes 0.5000005`. */
  readonly what: string;
  /** The line of the file that it begins in. */
  readonly line: string;
}

const otherFunction: Readonly<Record<string, string>> = {
  floor: 'ceil',
  ceil: 'floor',
  round: 'floor',
  trunc: 'floor',
  min: 'max',
  max: 'min',
};

const otherOperator: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
  [ts.SyntaxKind.PercentToken]: '*',
  [ts.SyntaxKind.LessThanLessThanToken]: '>>',
  [ts.SyntaxKind.GreaterThanGreaterThanToken]: '<<',
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken]: '>>',
  [ts.SyntaxKind.AmpersandToken]: '|',
  [ts.SyntaxKind.BarToken]: '&',
  [ts.SyntaxKind.CaretToken]: '|',
};

/** Larger than what float32 rounds away, smaller than what is seen with the eye. */
const relativeChange = 2 ** -20;

/**
 * Every constant, rounding, bound and sign of a module, changed alone: a whole number by one, another by a millionth, `fround` left out,
 * `floor` for `ceil`, `<` for `<=`, `+` for `-`. What is a type, or only said to people, is none.
 */
export function mutantsOf(file: string, text: string): readonly Mutation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lines = text.split('\n');
  const found: Mutation[] = [];
  const change = (node: ts.Node, to: string): void => {
    const start = node.getStart(source);
    const at = source.getLineAndCharacterOfPosition(start).line;
    const what = `${at + 1}: ${node.getText(source)} becomes ${to}`;
    found.push({ start, end: node.end, to, what, line: lines[at]! });
  };
  const visit = (node: ts.Node): void => {
    // Concatenated words are no arithmetic, and neither is what is thrown.
    if (ts.isTypeNode(node) || ts.isThrowStatement(node) || isBound(node)) return;
    if (ts.isNumericLiteral(node)) change(node, changed(Number(node.text.replaceAll('_', ''))));
    else if (ts.isBigIntLiteral(node)) change(node, `${BigInt(node.text.slice(0, -1).replaceAll('_', '')) + 1n}n`);
    else if (ts.isCallExpression(node) && isMath(node.expression)) {
      const { name } = node.expression;
      const other = otherFunction[name.text];
      if (name.text === 'fround') change(node.expression, '');
      else if (other !== undefined) change(name, other);
    } else if (ts.isBinaryExpression(node)) {
      const to = otherOperator[node.operatorToken.kind];
      if (to !== undefined && !ts.isStringLiteralLike(node.left) && !ts.isStringLiteralLike(node.right))
        change(node.operatorToken, to);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What a parameter is allowed to be: `z.int().max(8)`. */
function isBound(node: ts.Node): boolean {
  if (!ts.isNumericLiteral(node)) return false;
  // Of a bound below 0 the sign is between.
  const parent = ts.isPrefixUnaryExpression(node.parent) ? node.parent.parent : node.parent;
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) return false;
  const { name, expression } = parent.expression;
  return ['min', 'max'].includes(name.text) && /^z\s*\./.test(expression.getText());
}

function isMath(node: ts.Expression): node is ts.PropertyAccessExpression {
  return ts.isPropertyAccessExpression(node) && node.expression.getText() === 'Math';
}

function changed(value: number): string {
  return String(Number.isSafeInteger(value) ? value + 1 : value * (1 + relativeChange));
}
