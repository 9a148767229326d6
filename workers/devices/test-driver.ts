// Owns telling the driver of the tests from those of GPUs. It makes pictures on the processor, slower than `cpu` does.

/** As test/gpu's driver calls itself. */
const testVendor = /sluice test driver/i;

/** Whether `vendor` is allowed here: test drivers only where `SLUICE_ALLOW_TEST_GPU` is 1. */
export function isAllowedVendor(
  vendor: string,
  { SLUICE_ALLOW_TEST_GPU }: Readonly<Record<string, string | undefined>>,
): boolean {
  return !isTestVendor(vendor) || SLUICE_ALLOW_TEST_GPU === '1';
}

export function isTestVendor(vendor: string): boolean {
  return testVendor.test(vendor);
}
