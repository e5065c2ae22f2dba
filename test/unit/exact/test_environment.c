#include <fenv.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "exact/reference.h"

static void check(enum error_code want)
{
    struct error error;
    error_init(&error);
    enum error_code code = exact_check_environment(&error);
    fesetround(FE_TONEAREST);
    assert_int_equal(code, want);
}

static void test_rounding(void **state)
{
    (void)state;
    const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fesetround(modes[i]), 0);
        check(ERROR_INTERNAL);
    }
    check(ERROR_NONE);
}

static void test_subnormals(void **state)
{
    (void)state;
#ifdef __x86_64__
    const unsigned bits[] = {1u << 15, 1u << 6};
    unsigned before = _mm_getcsr();
    for (size_t i = 0; i < 2; i++) {
        _mm_setcsr(before | bits[i]);
        struct error error;
        error_init(&error);
        enum error_code code = exact_check_environment(&error);
        _mm_setcsr(before);
        assert_int_equal(code, ERROR_INTERNAL);
    }
#endif
    check(ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_subnormals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
