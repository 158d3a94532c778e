/** A variable of the environment does not hold what it must. The message says what is wrong, without the variable's name. */
export class WrongSetting extends Error {
  override readonly name = 'WrongSetting';
  readonly variable: string;

  constructor(variable: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.variable = variable;
  }
}
