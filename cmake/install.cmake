# cmake --install: the command with its data and documents (component `command`), the library for programs of one's own
# (component `library`). The data stand at ../share/nines of the command, wherever both are moved.
install(TARGETS nines RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)

set(NINES_DATA share/nines)
install(DIRECTORY topologies DESTINATION ${NINES_DATA} COMPONENT command FILES_MATCHING PATTERN "*.json")
install(DIRECTORY experiments/scenarios DESTINATION ${NINES_DATA}/experiments COMPONENT command FILES_MATCHING PATTERN "*.json")
install(DIRECTORY experiments/labs DESTINATION ${NINES_DATA}/experiments COMPONENT command FILES_MATCHING PATTERN "*.json")
install(DIRECTORY experiments/sweeps DESTINATION ${NINES_DATA}/experiments COMPONENT command USE_SOURCE_PERMISSIONS
  FILES_MATCHING PATTERN "*.json" PATTERN "batch/*")
install(FILES experiments/advise/catalogue.json DESTINATION ${NINES_DATA}/experiments/advise COMPONENT command)

install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
foreach(file LICENSE CHANGELOG.md)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${file})
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT command)
  endif()
endforeach()

# One target for all, nines::nines; its rooms are static libraries of their own.
add_library(nines_all INTERFACE)
target_link_libraries(nines_all INTERFACE nines_experiments)
set_target_properties(nines_all PROPERTIES EXPORT_NAME nines)
set_target_properties(nines_experiments PROPERTIES EXPORT_NAME experiments)
set_target_properties(nines_models PROPERTIES EXPORT_NAME models)
set_target_properties(nines_sim PROPERTIES EXPORT_NAME sim)
install(TARGETS nines_all nines_experiments nines_models nines_sim EXPORT nines
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY sim models experiments DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/nines COMPONENT library
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def" PATTERN "simgrid" EXCLUDE)

set(NINES_CMAKE ${CMAKE_INSTALL_LIBDIR}/cmake/nines)
install(EXPORT nines NAMESPACE nines:: FILE nines-targets.cmake DESTINATION ${NINES_CMAKE} COMPONENT library)
include(CMakePackageConfigHelpers)
configure_package_config_file(cmake/nines-config.cmake.in ${CMAKE_BINARY_DIR}/nines-config.cmake
  INSTALL_DESTINATION ${NINES_CMAKE} PATH_VARS NINES_DATA NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/nines-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/nines-config.cmake ${CMAKE_BINARY_DIR}/nines-config-version.cmake
  DESTINATION ${NINES_CMAKE} COMPONENT library)
