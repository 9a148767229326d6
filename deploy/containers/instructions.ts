// Owns how a Containerfile is read for tests: its stages and their instructions. Nothing is run or fetched.

export interface Instruction {
  /** `FROM`, `COPY`, … */
  readonly word: string;
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** Another stage or an image, with the defaults of ARG put in. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** The stages in their order. */
export function stagesOf(containerfile: string): readonly Stage[] {
  const lines = containerfile.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  const defaults = new Map<string, string>();
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const [, word = '', text = ''] of lines.matchAll(/^([A-Z]+)\s+(.+)$/gm)) {
    const last = stages.at(-1);
    if (word === 'FROM') {
      const [image = '', , name = ''] = text.split(/\s+/);
      const from = image.replace(/\$\{(\w+)\}/, (_, argument: string) => defaults.get(argument) ?? '');
      stages.push({ name, from, instructions: [] });
    } else if (last === undefined) {
      const [argument = '', value = ''] = text.split('=');
      defaults.set(argument, value);
    } else last.instructions.push({ word, text: text.replace(/\s+/g, ' ').trim() });
  }
  return stages;
}

/** Of a stage and those it is made from, the earliest first; where only the last counts that is the last. */
export function inherited(stages: readonly Stage[], name: string): readonly Instruction[] {
  const stage = stages.find((each) => each.name === name);
  if (stage === undefined) return [];
  return [...inherited(stages, stage.from), ...stage.instructions];
}
