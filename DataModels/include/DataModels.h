#ifndef FAIRLEAD_DATA_MODELS_H
#define FAIRLEAD_DATA_MODELS_H

#include <stddef.h>

/// A document of this folder, as it is in the program.
struct data_model {
  /// The name of the file.
  const char *file;
  const unsigned char *content;
  size_t length;
};

/// How many there are.
size_t data_model_count(void);

/// One of them; the content lives as long as the program.
struct data_model data_model_at(size_t index);

#endif
