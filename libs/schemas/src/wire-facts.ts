/** The part of a FileDescriptorProto in JSON that decides what goes over the wire. */
export interface DescriptorFile {
  readonly package: string;
  readonly messageType?: readonly DescriptorMessage[];
  readonly enumType?: readonly DescriptorEnum[];
  readonly service?: readonly {
    readonly name: string;
    readonly method?: readonly {
      readonly name: string;
      readonly inputType: string;
      readonly outputType: string;
      readonly clientStreaming?: boolean;
      readonly serverStreaming?: boolean;
    }[];
  }[];
}

interface DescriptorMessage {
  readonly name: string;
  readonly field?: readonly {
    readonly name: string;
    readonly number: number;
    readonly label: string;
    readonly type: string;
    readonly typeName?: string;
  }[];
  readonly nestedType?: readonly DescriptorMessage[];
  readonly enumType?: readonly DescriptorEnum[];
}

interface DescriptorEnum {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
}

/**
 * What two .proto files must share to understand each other, a line each: `field MESSAGE NUMBER NAME single|repeated TYPE`,
 * `value ENUM NUMBER NAME`, `method SERVICE NAME one|stream REQUEST one|stream ANSWER`.
 */
export function wireFacts(files: readonly DescriptorFile[]): readonly string[] {
  return files.flatMap(({ package: scope, messageType = [], enumType = [], service = [] }) => [
    ...messageType.flatMap((message) => factsOf(scope, message)),
    ...enumType.flatMap((one) => valuesOf(scope, one)),
    ...service.flatMap(({ name, method = [] }) =>
      method.map(
        (one) =>
          `method ${scope}.${name} ${one.name} ${flow(one.clientStreaming)} ${plain(one.inputType)} ${flow(one.serverStreaming)} ${plain(one.outputType)}`,
      ),
    ),
  ]);
}

function factsOf(scope: string, message: DescriptorMessage): readonly string[] {
  const { field = [], nestedType = [], enumType = [] } = message;
  const name = `${scope}.${message.name}`;
  return [
    ...field.map(({ name: field, number, label, type, typeName }) => {
      const shown = typeName === undefined ? type.replace('TYPE_', '').toLowerCase() : plain(typeName);
      return `field ${name} ${number} ${field} ${label === 'LABEL_REPEATED' ? 'repeated' : 'single'} ${shown}`;
    }),
    ...nestedType.flatMap((nested) => factsOf(name, nested)),
    ...enumType.flatMap((one) => valuesOf(name, one)),
  ];
}

function valuesOf(scope: string, { name, value }: DescriptorEnum): readonly string[] {
  return value.map((one) => `value ${scope}.${name} ${one.number ?? 0} ${one.name}`);
}

function plain(typeName: string): string {
  return typeName.replace(/^\./, '');
}

function flow(streams = false): string {
  return streams ? 'stream' : 'one';
}
