import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

/** Which file of a google.protobuf.FileDescriptorSet declares what. */
export class DescriptorIndex {
  readonly #files = new Map<string, FileDescriptorProto>();
  /** Full names of messages, fields, enums, their values, services and methods. */
  readonly #symbols = new Map<string, FileDescriptorProto>();
  readonly #messages = new Set<string>();

  constructor(fileDescriptorSet: Uint8Array) {
    for (const file of fromBinary(FileDescriptorSetSchema, fileDescriptorSet).file) {
      this.#files.set(file.name, file);
      for (const message of file.messageType) this.#addMessage(file, file.package, message);
      for (const one of file.enumType) this.#addEnum(file, file.package, one);
      for (const { name, method } of file.service) {
        const service = this.#add(file, file.package, name);
        for (const one of method) this.#add(file, service, one.name);
      }
    }
  }

  hasMessage(fullName: string): boolean {
    return this.#messages.has(fullName);
  }

  /** The file of this name and all that it imports, serialized; undefined where there is none. */
  byName(fileName: string): readonly Uint8Array[] | undefined {
    const file = this.#files.get(fileName);
    return file === undefined ? undefined : this.#withImports(file);
  }

  /** The file that declares a symbol and all that it imports, serialized; undefined where none does. */
  bySymbol(fullName: string): readonly Uint8Array[] | undefined {
    const file = this.#symbols.get(fullName);
    return file === undefined ? undefined : this.#withImports(file);
  }

  #withImports(file: FileDescriptorProto): readonly Uint8Array[] {
    const found = new Set([file]);
    // A set's iteration reaches what is added while it goes on.
    for (const { dependency } of found)
      for (const name of dependency) {
        const imported = this.#files.get(name);
        if (imported !== undefined) found.add(imported);
      }
    return Array.from(found, (one) => toBinary(FileDescriptorProtoSchema, one));
  }

  #add(file: FileDescriptorProto, scope: string, name: string): string {
    const fullName = scope === '' ? name : `${scope}.${name}`;
    this.#symbols.set(fullName, file);
    return fullName;
  }

  #addMessage(file: FileDescriptorProto, scope: string, message: DescriptorProto): void {
    const fullName = this.#add(file, scope, message.name);
    this.#messages.add(fullName);
    for (const { name } of message.field) this.#add(file, fullName, name);
    for (const nested of message.nestedType) this.#addMessage(file, fullName, nested);
    for (const one of message.enumType) this.#addEnum(file, fullName, one);
  }

  #addEnum(file: FileDescriptorProto, scope: string, { name, value }: EnumDescriptorProto): void {
    this.#add(file, scope, name);
    // An enum's values are siblings of it.
    for (const one of value) this.#add(file, scope, one.name);
  }
}
