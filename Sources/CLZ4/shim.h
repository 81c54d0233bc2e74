/* lz4's own header, as Debian's liblz4-dev installs it: the only door to lz4 in this package. */
#include <lz4.h>
